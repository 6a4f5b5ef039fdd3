import { expect, test } from 'vitest';

import type { Proof } from './contract';
import { checkProof } from './proof';
// Made by voting/record.py and voting/merkle.py; tests/unit/test_verify.py checks that they hold.
import proofs from './proof.test.json';

const poll = 7;
const [first, second] = proofs as [Proof, Proof, Proof];
const receiptOf = ({ leaf }: Proof) => (JSON.parse(leaf) as { receipt: string }).receipt;

test.each(proofs as Proof[])('a proof of the server holds: leaf $index of $size', async (proof) => {
  const proved = await checkProof(proof, poll, receiptOf(proof));

  expect(proved).toMatchObject({ ballots: 6, root: proof.root, ballot: { receipt: receiptOf(proof) } });
});

const flip = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);

test.each<[string, Partial<Proof>]>([
  ['other marks', { leaf: first.leaf.replace('"choices":[', '"choices":[1,') }],
  ['another form of the leaf', { leaf: first.leaf.replace(',', ', ') }],
  ['another place', { index: first.index + 1 }],
  ['a place before the ballots', { index: 0 }],
  ['a larger tree', { size: first.size + 1 }],
  ['a smaller tree', { size: first.size - 1 }],
  ['a shorter path', { path: first.path.slice(1) }],
  ['a longer path', { path: [...first.path, first.root] }],
  ['another step', { path: [flip(first.path[0] ?? ''), ...first.path.slice(1)] }],
  ['a step in capitals', { path: [first.path[0]?.toUpperCase() ?? '', ...first.path.slice(1)] }],
  ['another root', { root: flip(first.root) }],
  ['no JSON', { leaf: '{' }],
])('a proof with %s does not hold', async (_, change) => {
  expect(await checkProof({ ...first, ...change }, poll, receiptOf(first))).toBeNull();
});

test('a proof of another receipt or another poll does not hold', async () => {
  expect(await checkProof(first, poll, receiptOf(second))).toBeNull();
  expect(await checkProof(first, 8, receiptOf(first))).toBeNull();
});
