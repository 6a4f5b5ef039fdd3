// Which place a dragged row has come to. Pure.

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
