// Pages of candidates that turn by themselves, or by whoever is at the keys: a presenter's remote sends PageUp and PageDown.
import { useEffect, useState } from 'react';

import { useKeys } from './use-wall';

/** Long enough to read a page from the last row. */
const pageMs = 9000;

/** `first` is who stands first: where that changes, as when it is decided, the first page is shown again. */
export function usePages(pages: number, first?: number) {
  const [at, setAt] = useState(0);
  const [startsWith, setStartsWith] = useState(first);
  const [turning, setTurning] = useState(true);
  const page = Math.min(at, pages - 1);
  if (first !== startsWith) {
    setStartsWith(first);
    setAt(0);
  }
  const turn = (by: number) => setAt((page + by + pages) % pages);

  useEffect(() => {
    if (!turning || pages < 2) return;
    const timer = setTimeout(() => setAt((page + 1) % pages), pageMs);
    return () => clearTimeout(timer);
  }, [page, pages, turning]);

  useKeys((event) => {
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (by === undefined || pages < 2) return;
    event.preventDefault();
    turn(by);
  });

  return { page, turn, turning, toggle: () => setTurning(!turning) };
}
