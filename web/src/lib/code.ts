// Decides how a typed room code is read: `lobby`, or 6 characters of Crockford's base 32; also out of a pasted link.

const codeLength = 6;
const claimLength = 10;

/** The room that a path of this app leads into, or null. */
export function readRoomPath(path: string): string | null {
  const code = /^\/r\/([^/?#]+)/.exec(path)?.[1];
  try {
    return code === undefined ? null : readRoomCode(decodeURIComponent(code));
  } catch {
    return null;
  }
}

/** The code as the server writes it, or null where it can be none. */
export function readRoomCode(typed: string): string | null {
  const plain = normalise(typed);
  if (plain === 'LOBBY') return 'lobby';
  const code = plain.replace(/O/g, '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{6}$/.test(code) ? code : null;
}

const normalise = (typed: string) => typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

/** Whether the part of an address behind its `#` brings what nobody else should find there, even if it can't be read. */
export const bringsSecret = (hash: string): boolean => /^#(?:\s|%20)*(?:claim|guest|token)=/i.test(hash);

/** The claim code that the part of an address behind its `#` brings, whatever a messenger or a pasted sentence put around it; or null. */
export function readClaim(hash: string): string | null {
  const typed = /^#(?:\s|%20)*claim=(?:\s|%20)*([0-9A-Za-z-]{10,12})(?![0-9A-Za-z-])/i.exec(hash)?.[1];
  return typed?.replace(/-/g, '').toUpperCase() ?? null;
}

/** The key of a link for guests that the part of an address behind its `#` brings, or null. */
export function readGuestKey(hash: string): string | null {
  return /^#(?:\s|%20)*guest=(?:\s|%20)*([\w-]{16,64})(?![\w-])/i.exec(hash)?.[1] ?? null;
}

/** What was typed: a room, perhaps with a claim code from a pasted link; or what is wrong with it, in the words of `home.wrong`. */
export type Entry =
  | { room: string; claim: string | null }
  | { fault: 'empty' | 'link' | 'claim' }
  | { fault: 'short' | 'long'; count: number }
  | { fault: 'letter'; letter: string };

export function readEntry(typed: string): Entry {
  const text = typed.trim();
  const link = /\/r\/([^/?#\s]*)[^#\s]*(#\S*)?/.exec(text);
  if (link !== null) {
    const room = readRoomPath(`/r/${link[1] ?? ''}`);
    return room === null ? { fault: 'link' } : { room, claim: readClaim(link[2] ?? '') };
  }
  if (/[/:?#]/.test(text)) return { fault: 'link' };
  const room = readRoomCode(text);
  if (room !== null) return { room, claim: null };
  const plain = normalise(text);
  const count = Array.from(plain).length;
  if (count === 0) return { fault: 'empty' };
  const letter = /[^0-9A-TV-Z]/u.exec(plain)?.[0];
  if (letter !== undefined) return { fault: 'letter', letter };
  if (count === claimLength) return { fault: 'claim' };
  return { fault: count < codeLength ? 'short' : 'long', count };
}
