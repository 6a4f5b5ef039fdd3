// How long a text is, for what screen.css writes smaller the longer it is.
import type { CSSProperties } from 'react';

/** Sets `--length` to about as many em as the text takes on one line. */
export function lengthStyle(text: string): CSSProperties {
  const wide = text.match(/[\u1100-\uffdc]/g)?.length ?? 0;
  return { '--length': Math.max(12, wide * 0.88 + (text.length - wide) * 0.52) } as CSSProperties;
}
