// Decides how a typed room code is read: `lobby`, or 6 characters of Crockford's base 32.

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
  const plain = typed.normalize('NFKC').replace(/[\s-]/g, '');
  if (plain.toLowerCase() === 'lobby') return 'lobby';
  const folded = plain.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{6}$/.test(folded) ? folded : null;
}
