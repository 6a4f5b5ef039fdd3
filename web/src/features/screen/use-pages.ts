// Pages of candidates that turn by themselves, or by whoever is at the keys: a presenter's remote sends PageUp and PageDown.
import { useEffect, useState } from 'react';

import { useKeys } from './use-wall';

/** Long enough to read a page from the last row. */
const pageMs = 9000;

export function usePages(pages: number) {
  const [at, setAt] = useState(0);
  const [turning, setTurning] = useState(true);
  const page = Math.min(at, pages - 1);
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
