// Decides what happens where the browser keeps nothing (private mode, full disk, some messengers): memory serves instead.

const memory = new Map<string, string>();

/** `lasting` outlives the browser's window; `tab` only a reload, for what nobody else at this device should find. */
export type Shelf = 'lasting' | 'tab';

const shelfOf = (shelf: Shelf): Storage => (shelf === 'tab' ? window.sessionStorage : window.localStorage);

export function recall(key: string, shelf: Shelf = 'lasting'): string | null {
  const remembered = memory.get(key);
  if (remembered !== undefined) return remembered;
  try {
    return shelfOf(shelf).getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string, shelf: Shelf = 'lasting'): void {
  try {
    shelfOf(shelf).setItem(key, value);
    memory.delete(key);
  } catch {
    memory.set(key, value);
  }
}

export function forget(key: string, shelf: Shelf = 'lasting'): void {
  memory.delete(key);
  try {
    shelfOf(shelf).removeItem(key);
  } catch {
    // It was never written.
  }
}

/** Forgets every key that begins so, wherever it lies. */
export function forgetAll(beginning: string): void {
  [...memory.keys()].filter((key) => key.startsWith(beginning)).forEach((key) => memory.delete(key));
  for (const shelf of ['lasting', 'tab'] as const) {
    try {
      const keys = Object.keys(shelfOf(shelf)).filter((key) => key.startsWith(beginning));
      keys.forEach((key) => forget(key, shelf));
    } catch {
      // Nothing is kept here.
    }
  }
}
