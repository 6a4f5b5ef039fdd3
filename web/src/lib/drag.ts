// Which place a row is moved to, by dragging or by a key. Pure.

export type Span = { top: number; height: number };

/** The place of row `from` after it was dragged by `byPx`: it passes a row where its middle passes that row's. */
export function placeOfDrag(spans: Span[], from: number, byPx: number): number {
  const dragged = spans[from];
  if (dragged === undefined) return from;
  const middle = ({ top, height }: Span) => top + height / 2;
  const at = middle(dragged) + byPx;
  const above = spans.filter((span, index) => index < from && middle(span) > at).length;
  const below = spans.filter((span, index) => index > from && middle(span) < at).length;
  return from - above + below;
}

/** The place that a key moves row `from` of `count` to, perhaps outside the list; undefined for a key that moves nothing. */
export function placeOfKey(key: string, from: number, count: number): number | undefined {
  return { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: count - 1 }[key];
}
