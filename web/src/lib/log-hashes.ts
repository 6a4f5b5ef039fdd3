// Computes the hashes of a log's entries anew, so that a server can't change an entry and keep its hash.
import type { LogEntry } from './contract';
import { toHex } from './proof';
import { sha256 } from './sha256';

/** Whether each entry has the hash of its own content: SHA-256 of the canonical form of all of it but the hash. */
export async function hashesHold(entries: LogEntry[]): Promise<boolean> {
  for (const { hash, ...content } of entries) {
    const bytes = new TextEncoder().encode(canonical(content));
    if (toHex(await sha256(bytes)) !== hash) return false;
  }
  return true;
}

/** The canonical form of a JSON value (RFC 8785): no spaces, and keys in the order of their UTF-16 code units. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
