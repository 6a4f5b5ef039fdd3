// How long a text is, for what is written smaller, or cut short, the longer it is.
import type { CSSProperties } from 'react';

/** About how many em the text takes on one line. */
export function lengthEm(text: string): number {
  const wide = text.match(/[\u1100-\uffdc]/g)?.length ?? 0;
  return wide * 0.88 + (text.length - wide) * 0.52;
}

/** Sets `--length`, which screen.css reads. */
export function lengthStyle(text: string): CSSProperties {
  return { '--length': Math.max(12, lengthEm(text)) } as CSSProperties;
}

/** With what is said beside them, about two lines of a wall. */
const mostEm = 56;

/** The first names, one at least, and how many are left out: the rows above need their room. */
export function cutNames(names: readonly string[]): [string[], number] {
  let room = mostEm;
  const shown = names.filter((name, place) => {
    room -= lengthEm(`${name}, `);
    return place === 0 || room >= 0;
  });
  return [shown, names.length - shown.length];
}
