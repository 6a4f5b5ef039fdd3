// Two hosts at one form: what the other changed comes in, and nothing that was typed here is lost. Pure.

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The members in which `typed` differs from `base`. */
export function findChanged<T extends object>(base: T, typed: T): (keyof T)[] {
  return (Object.keys(typed) as (keyof T)[]).filter((key) => !same(base[key], typed[key]));
}

/**
 * What was typed over `base`, carried over to `theirs`: their word where nothing was typed, mine where something was.
 * `clashes` are the members that both have changed, to different things.
 */
export function mergeTyped<T extends object>(base: T, typed: T, theirs: T): { merged: T; clashes: (keyof T)[] } {
  const mine = findChanged(base, typed);
  const merged = { ...theirs, ...Object.fromEntries(mine.map((key) => [key, typed[key]])) };
  const clashes = mine.filter((key) => !same(theirs[key], base[key]) && !same(theirs[key], typed[key]));
  return { merged, clashes };
}
