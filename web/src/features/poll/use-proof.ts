// Asks for the proof that a ballot is in the poll's record, and checks it on this device. Of a poll that was closed before
// records had proofs, looks the receipt up in the record itself.
import { queryOptions } from '@tanstack/react-query';

import { ask, Refusal } from '../../lib/api';
import type { Marks, Poll } from '../../lib/contract';
import { checkProof } from '../../lib/proof';
import { readMarks } from './marks';

/** `proved`: this device has computed `root` from the ballot. `listed`: the record lists it. `absent`: no such receipt.
 * `broken`: the server's proof doesn't hold. */
export type Finding =
  | { kind: 'proved'; marks: Marks | null; root: string; steps: number }
  | { kind: 'listed'; marks: Marks | null }
  | { kind: 'absent' }
  | { kind: 'broken' };

/** A hundred voters a second ask by themselves after a close, however many there are. */
const askedASecond = 100;

export async function findBallot(poll: Poll, receipt: string, token: string | null): Promise<Finding> {
  try {
    const proof = await ask('GET', `/polls/${poll.id}/proof?receipt=${encodeURIComponent(receipt)}`, { token });
    const proved = await checkProof(proof, poll.id, receipt);
    if (proved === null) return { kind: 'broken' };
    return { kind: 'proved', marks: readMarks(poll, proved.ballot), root: proved.root, steps: proof.path.length + 1 };
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    const { code } = fault.problem;
    if (code === 'no_proof') return lookUp(poll, receipt, token);
    if (code === 'not_found' || code === 'invalid_request') return { kind: 'absent' };
    throw fault;
  }
}

async function lookUp(poll: Poll, receipt: string, token: string | null): Promise<Finding> {
  const { ballots } = await ask('GET', `/polls/${poll.id}/record`, { token });
  const found = ballots.find((ballot) => ballot.receipt === receipt);
  return found === undefined ? { kind: 'absent' } : { kind: 'listed', marks: readMarks(poll, found) };
}

/** The check that a device makes by itself, once for a receipt that it keeps. */
export const ownProofQuery = (poll: Poll, receipt: string, token: string | null, ballots: number) =>
  queryOptions({
    queryKey: ['mine', token, 'proof', poll.id, receipt],
    queryFn: async () => {
      await new Promise((resolve) => setTimeout(resolve, (Math.random() * ballots * 1000) / askedASecond));
      return findBallot(poll, receipt, token);
    },
    staleTime: Infinity,
    retry: 2,
  });
