// Decides how the rows of a tally fill the wall: pages, columns, shape and type size, so that nothing is cut, every name
// is as large as the others, and the last row of the hall can read them.

/** `inline`: name, bar and numbers on one line. `stacked`: name and numbers over the bar. */
export type Shape = 'inline' | 'stacked';
/** `size` is a name's, 1 being its row's own. */
export type Layout = { shape: Shape; columns: number; rows: number; typePx: number; nameEm: number; size: number };
export type Box = { width: number; height: number };
/** How wide a name is on one line, and its longest word, which is broken only where it is longer than a line can be; in em. */
export type Name = { line: number; word: number };
/** What a row holds, in em: each name, the place before it, its numbers and its badge. */
export type Widths = { names: Name[]; place: number; numbers: number; badge: number };

const shapes: Shape[] = ['inline', 'stacked'];
const rowEm = { inline: 1.55, stacked: 2.5 } as const;
const gapEm = 0.8;
const columnGap = 0.035;
const lineEm = 1.12;
/** A broken line leaves some of its width empty. */
const filled = 0.82;
const leastTypePx = 5;
/** A name may be this much smaller than its numbers before it costs anything. */
const mildly = 1.15;
/** By how much more columns must be better than fewer. */
const clearly = 1.08;
/** How much of a row a bar must have beside its name, or it tells nothing. */
const leastBar = 0.36;
/** How much a longer bar is worth against larger type. */
const barMatters = 0.15;
/** A name across a whole wall is no easier to read for being taller than this. */
const mostOfHeight = 0.105;

/** Long names are written smaller, a step at a time, before a page holds fewer than this many. */
const fewNames = 6;
const smaller = [0.9, 0.8, 0.7];

type Paged = Layout & { perPage: number; pages: number };

/**
 * The layout with the fewest pages whose names are `leastNamePx` high; all pages have the same one.
 * Where that leaves few names a page, they are down to 0.7 of it.
 */
export function chooseLayout(box: Box, widths: Widths, leastNamePx = 0): Paged {
  const enough = Math.min(fewNames, widths.names.length);

  let chosen = paginate(box, widths, leastNamePx);
  for (const by of smaller) {
    if (chosen.perPage >= enough) break;
    const next = paginate(box, widths, by * leastNamePx);
    if (next.pages < chosen.pages) chosen = next;
  }
  return chosen;
}

/** A name that is alone on its page is as high as it can be. */
function paginate(box: Box, widths: Widths, leastNamePx: number): Paged {
  const count = widths.names.length;
  for (let pages = 1; ; pages++) {
    const perPage = Math.ceil(count / pages);
    const layout = layOut(box, widths, perPage, perPage > 1 ? leastNamePx : 0);
    const isLegible = layout.typePx * layout.size >= leastNamePx;
    if (isLegible || perPage <= 1) return { ...layout, perPage, pages: Math.ceil(count / Math.max(1, perPage)) };
  }
}

/** The best of the layouts whose names are `leastNamePx` high. */
function layOut(box: Box, widths: Widths, count: number, leastNamePx: number): Layout {
  let best: Layout = { shape: 'stacked', columns: 1, rows: count, typePx: leastTypePx, nameEm: 4, size: 1 };
  let bestScore = 0;
  const leastPx = Math.max(leastTypePx, leastNamePx);
  for (let columns = 1; columns <= Math.min(6, count); columns++) {
    const rows = Math.ceil(count / columns);
    const cell = {
      width: (box.width * (1 - columnGap * (columns - 1))) / columns,
      height: box.height / rows,
    };
    for (const shape of shapes) {
      const most = Math.min(cell.height / rowEm[shape], box.height * mostOfHeight);
      for (let typePx = most; typePx >= leastPx; typePx *= 0.96) {
        const nameEm = nameRoom(shape, cell.width / typePx, widths);
        const worst = Math.min(...widths.names.map((name) => fitName(name, nameEm, nameLines(shape, cell, typePx))));
        if (typePx * worst < leastNamePx) continue;
        const bar = barLength(shape, cell.width / typePx, nameEm, widths);
        const score = typePx * Math.min(1, mildly * worst) * bar ** barMatters;
        if (score <= bestScore * clearly) continue;
        best = { shape, columns, rows, typePx, nameEm, size: worst };
        bestScore = score;
      }
    }
  }
  return best;
}

/** How wide a name may be in a row of that width, in em; no wider than the longest needs. */
function nameRoom(shape: Shape, rowWidthEm: number, { names, place, numbers, badge }: Widths): number {
  const rest =
    shape === 'inline'
      ? place + 2 * gapEm + numbers + Math.max(5, leastBar * rowWidthEm)
      : place + gapEm + numbers + badge;
  const room = Math.max(0, rowWidthEm - rest);
  return shape === 'inline' ? Math.min(room, Math.max(...names.map(({ line }) => line))) : room;
}

/** How much of its row a bar takes, 0 to 1. */
function barLength(shape: Shape, rowWidthEm: number, nameEm: number, { place, numbers }: Widths): number {
  const beside = shape === 'inline' ? place + nameEm + 2 * gapEm + numbers : place;
  return Math.max(0, 1 - beside / rowWidthEm);
}

/** How high a name may be, in em of the row's type. */
function nameLines(shape: Shape, cell: Box, typePx: number): number {
  const rowEm = cell.height / typePx;
  return shape === 'inline' ? rowEm - 0.25 : rowEm - 0.55 - barHeight(shape, rowEm);
}

/** How thick a bar is in a row of that height, both in em. */
export function barHeight(shape: Shape, rowEm: number): number {
  return shape === 'inline' ? Math.min(2.2, 0.66 * rowEm) : Math.min(1.5, Math.max(0.5, 0.24 * rowEm));
}

/** How large a name of that width is written in its place, 1 being the row’s own size: on up to eight lines. */
export function fitName({ line, word }: Name, roomEm: number, heightEm: number): number {
  if (line <= roomEm) return 1;
  const sizes = [2, 3, 4, 5, 6, 7, 8].map((lines) =>
    Math.min(1, (filled * lines * roomEm) / line, roomEm / word, heightEm / (lines * lineEm)),
  );
  return Math.max(roomEm / line, ...sizes);
}
