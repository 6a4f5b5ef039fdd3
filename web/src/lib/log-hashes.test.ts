import { describe, expect, test } from 'vitest';

import type { LogEntry } from './contract';
import { canonical, hashesHold } from './log-hashes';
import made from './log-hashes.test.json'; // by `voting.chain.hash_entry`

const entries = made as LogEntry[];

describe('the hashes of a log', () => {
  test('hold as the server made them', async () => {
    expect(await hashesHold(entries)).toBe(true);
    expect(await hashesHold([])).toBe(true);
  });

  test.each(['at', 'kind', 'actor', 'data', 'n', 'previous', 'hash'] as const)('do not hold with another %s', async (key) => {
    const changed = entries.map((entry, place) => (place === 1 ? { ...entry, [key]: key === 'n' ? 9 : 'other' } : entry));

    expect(await hashesHold(changed)).toBe(false);
  });

  test('are of a form with keys in the order of their UTF-16 code units, and no spaces', () => {
    const value = { '\ue000': 1, '\u{1f5f3}': [true, null, { b: 'é"', a: -1 }] };

    expect(canonical(value)).toBe('{"\u{1f5f3}":[true,null,{"a":-1,"b":"é\\""}],"\ue000":1}');
  });
});
