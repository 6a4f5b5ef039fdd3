// Moving a row of a list to another place: dragged with a finger, a pen or a mouse, or by the arrow keys at its handle.
// The list itself changes at the drop.
import { useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent as Pressed } from 'react';

import { placeOfDrag, placeOfKey, type Span } from './drag';

type Drag = { from: number; to: number; byPx: number };

export function useDrag(count: number, onMove: (from: number, to: number) => void) {
  const rows = useRef<(HTMLElement | null)[]>([]);
  const [drag, setDrag] = useState<Drag | null>(null);
  const spans = useRef<Span[]>([]);

  const start = (event: Pressed<HTMLElement>, from: number) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    const { pointerId, clientY: startY } = event;
    handle.setPointerCapture(pointerId);
    spans.current = rows.current.slice(0, count).map((row) => {
      const { top = 0, height = 0 } = row?.getBoundingClientRect() ?? {};
      return { top, height };
    });
    let to = from;

    const follow = ({ clientY }: PointerEvent) => {
      const byPx = clientY - startY;
      to = placeOfDrag(spans.current, from, byPx);
      setDrag({ from, to, byPx });
    };
    const end = (drop: boolean) => {
      stops.abort();
      setDrag(null);
      if (drop && to !== from) onMove(from, to);
    };
    const stops = new AbortController();
    const { signal } = stops;
    handle.addEventListener('pointermove', follow, { signal });
    handle.addEventListener('pointerup', () => end(true), { signal });
    handle.addEventListener('pointercancel', () => end(false), { signal });
  };

  /** The dragged row follows the finger; those that it has passed make room. */
  const style = (index: number): CSSProperties | undefined => {
    if (drag === null) return undefined;
    const { from, to, byPx } = drag;
    if (index === from) return { transform: `translateY(${byPx}px)` };
    const passed = from < to ? index > from && index <= to : index >= to && index < from;
    if (!passed) return undefined;
    const first = spans.current[from];
    const second = spans.current[from + (from < to ? 1 : -1)];
    const stepPx = first && second ? Math.abs(second.top - first.top) : 0;
    return { transform: `translateY(${from < to ? -stepPx : stepPx}px)` };
  };

  const moveByKey = (event: KeyboardEvent, from: number) => {
    const to = placeOfKey(event.key, from, count);
    if (to === undefined) return;
    event.preventDefault();
    onMove(from, to);
  };

  return {
    /** What the handle of a row needs. */
    handle: (index: number) => ({
      onPointerDown: (event: Pressed<HTMLElement>) => start(event, index),
      onKeyDown: (event: KeyboardEvent) => moveByKey(event, index),
    }),
    style,
    dragging: drag?.from ?? null,
    rowRef: (index: number) => (row: HTMLElement | null) => {
      rows.current[index] = row;
    },
  };
}
