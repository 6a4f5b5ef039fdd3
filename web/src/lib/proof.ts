// Checks, without the server, that a ballot is in a record: the path has to lead from the leaf to the root (RFC 9162,
// 2.1.3.2). It must not believe anything that the proof says of itself.
import type { Proof } from './contract';
import { sha256 } from './sha256';

/** Leaves before the first ballot's, and those that are no ballot's: rules, electorate, bases; and the result. */
const beforeBallots = 3;
const besideBallots = 4;

/** What a proof that holds has proved: `ballot` is what was hashed, one of `ballots` under `root`. */
export type Proved = { ballot: Record<string, unknown>; ballots: number; root: string };

/** What was proved of the ballot with that receipt in that poll; null where the proof doesn't hold. */
export async function checkProof(proof: Proof, pollId: number, receipt: string): Promise<Proved | null> {
  const { leaf, index, size, path, root } = proof;
  const ballot = readObject(leaf);
  if (ballot?.receipt !== receipt || ballot.poll !== pollId) return null;
  const ballots = ballot.ballots;
  if (typeof ballots !== 'number' || size !== ballots + besideBallots) return null;
  if (!Number.isInteger(index) || index < beforeBallots || index >= beforeBallots + ballots) return null;
  const nodes = path.map(readHash);
  const found = await followPath(new TextEncoder().encode(leaf), index, size, nodes);
  return found !== null && toHex(found) === root ? { ballot, ballots, root } : null;
}

/** The root to which a path leads from a leaf; null for a path of the wrong length. */
async function followPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: (Uint8Array | null)[],
): Promise<Uint8Array | null> {
  let node = await hash(0, leaf);
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0 || sibling === null) return null;
    if (index % 2 === 1 || index === last) {
      node = await hash(1, sibling, node);
      while (index % 2 === 0 && index !== 0) {
        index /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = await hash(1, node, sibling);
    }
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : null;
}

function hash(prefix: number, ...parts: Uint8Array[]): Promise<Uint8Array> {
  return sha256(Uint8Array.from([prefix, ...parts.flatMap((part) => Array.from(part))]));
}

function readHash(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{64}$/.test(text)) return null;
  return Uint8Array.from({ length: 32 }, (_, index) => parseInt(text.slice(index * 2, index * 2 + 2), 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
