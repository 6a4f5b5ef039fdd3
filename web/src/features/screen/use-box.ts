// How large an element is, and how wide its type runs: what a layout needs to know.
import { useCallback, useMemo, useState } from 'react';

import type { Box } from './layout';

/** The size of the element that takes `ref`, null until it is known, and a ruler for text in its type. */
export function useBox() {
  const [box, setBox] = useState<(Box & { family: string }) | null>(null);

  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setBox({ width, height, family: getComputedStyle(element).fontFamily });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const family = box?.family ?? 'sans-serif';
  const measure = useMemo(() => makeRuler(family), [family]);
  return { ref, box, measure };
}

/** Tells how wide a text is, in em, where it is written bold. */
function makeRuler(family: string): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return (text) => text.length;
  context.font = `700 100px ${family}`;
  // A little more than measured: rounding must not break a line.
  return (text) => (context.measureText(text).width / 100) * 1.02 + 0.05;
}
