// What is being typed outlives a reload, a lost connection and a sign-in that ended: it waits in this tab until it is sent.
import { useState } from 'react';

const prefix = 'rollcall.typed.';

function recallTyped(key: string): unknown {
  try {
    const kept = window.sessionStorage.getItem(prefix + key);
    return kept === null ? null : (JSON.parse(kept));
  } catch {
    return null;
  }
}

function keepTyped(key: string, value: unknown): void {
  try {
    if (value === null) window.sessionStorage.removeItem(prefix + key);
    else window.sessionStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: the page itself still has it.
  }
}

/** As useState, kept in this tab under `key`; the third forgets it. */
export function useTyped<T>(key: string, start: () => T): [T, (value: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => (recallTyped(key) as T | null) ?? start());
  const change = (next: T) => {
    keepTyped(key, next);
    setValue(next);
  };
  return [value, change, () => keepTyped(key, null)];
}
