import { describe, expect, test } from 'vitest';

import { barHeight, chooseLayout, fitName, type Name, type Widths } from './layout';

const hall = { width: 1400, height: 800 };
const name = (line: number, word = line): Name => ({ line, word });
const widths = (names: Name[]): Widths => ({ names, place: 2, numbers: 7, badge: 2.5 });
const people = (count: number) => widths(Array.from({ length: count }, () => name(3)));

/** Every name in its place at the size it is written in, and every row in its share of the height. */
function expectAllInside(box: { width: number; height: number }, given: Widths) {
  const layout = chooseLayout(box, given);
  const rowEm = box.height / layout.rows / layout.typePx;

  expect(layout.rows * layout.columns).toBeGreaterThanOrEqual(given.names.length);
  given.names.forEach(({ word }) => expect(word * layout.size).toBeLessThanOrEqual(layout.nameEm + 1e-9));
  expect(rowEm).toBeGreaterThanOrEqual(barHeight(layout.shape, rowEm) + (layout.shape === 'stacked' ? 1 : 0));
  return layout;
}

describe('chooseLayout', () => {
  test.each([1, 2, 3, 5, 10, 17, 30, 60, 200])('keeps all of %i candidates on a wall and on a small projector', (count) => {
    expectAllInside(hall, people(count));
    expectAllInside({ width: 640, height: 400 }, people(count));
  });

  test('gives few candidates bars as wide as the wall', () => {
    expect(chooseLayout(hall, people(2))).toMatchObject({ shape: 'stacked', columns: 1 });
  });

  test('writes a list on one line each', () => {
    expect(chooseLayout(hall, people(10))).toMatchObject({ shape: 'inline', columns: 1, rows: 10 });
  });

  test('puts thirty in columns rather than in type that nobody can read', () => {
    const layout = chooseLayout(hall, people(30));

    expect(layout.columns).toBeGreaterThan(1);
    expect(layout.typePx).toBeGreaterThan(hall.height / 30 / 1.6);
  });

  test('gives the same at twice the pixels, twice as large', () => {
    const small = chooseLayout(hall, people(10));
    const large = chooseLayout({ width: 2800, height: 1600 }, people(10));

    expect(large.typePx / small.typePx).toBeCloseTo(2, 5);
  });

  test('finds a place for names as long as they may be', () => {
    const layout = expectAllInside(hall, widths([name(44, 6), name(3), name(40, 40)]));

    expect(layout.typePx).toBeGreaterThan(20);
  });
});

describe('a hall reads every name from its last row', () => {
  const walls = { '1280×720': [860, 540, 26], '1920×1080': [1290, 810, 39], '4K': [2580, 1620, 78] } as const;
  const kinds = { Korean: name(3), Latin: name(6.5, 3.5), long: name(20, 4), 'as long as may be': name(44, 6) };

  for (const [wall, [width, height, leastPx]] of Object.entries(walls)) {
    for (const [kind, each] of Object.entries(kinds)) {
      test.each([2, 3, 5, 8, 12, 17, 30, 45, 60])(`%i candidates with ${kind} names at ${wall}`, (count) => {
        const names = Array.from({ length: count }, (_, index) => (index % 3 === 0 ? each : name(3)));
        const layout = chooseLayout({ width, height }, widths(names), leastPx);

        const least = each.line > 10 ? 0.7 * leastPx : leastPx;
        expect(layout.typePx * layout.size).toBeGreaterThanOrEqual(least);
        expect(layout.perPage * layout.pages).toBeGreaterThanOrEqual(count);
        expect(layout.perPage * (layout.pages - 1)).toBeLessThan(count);
        expect(layout.rows * layout.columns).toBeGreaterThanOrEqual(layout.perPage);
      });
    }
  }

  test.each([6, 30])('in smaller type before %i long names are told two at a time', (count) => {
    const names = Array.from({ length: count }, () => name(32, 6));
    const layout = chooseLayout({ width: 860, height: 540 }, widths(names), 26);

    expect(layout.perPage).toBeGreaterThanOrEqual(5);
    expect(layout.typePx * layout.size).toBeGreaterThanOrEqual(0.7 * 26);
  });

  // What a wall of 1280 × 720 has left above a verdict.
  test.each([
    [6, name(32, 6), { pages: 1, perPage: 6 }],
    [8, name(20, 4), { pages: 1, perPage: 8 }],
    [30, name(32, 6), { pages: 5, perPage: 6 }],
    [60, name(3), { pages: 6, perPage: 10 }],
  ])('of %i from the fewest pages that are legible, whatever looks better on more', (count, each, expected) => {
    const height = each.line > 30 ? 340 : 380;
    const layout = chooseLayout({ width: 860, height }, widths(Array.from({ length: count }, () => each)), 26);

    expect(layout).toMatchObject(expected);
    expect(layout.typePx * layout.size).toBeGreaterThanOrEqual(0.7 * 26);
  });

  test('on one page where that is enough', () => {
    expect(chooseLayout({ width: 860, height: 540 }, people(8), 26)).toMatchObject({ pages: 1, perPage: 8 });
  });
});

describe('fitName', () => {
  test('writes a name that fits at the size of its row', () => {
    expect(fitName(name(4), 5, 1.3)).toBe(1);
  });

  test('never breaks a word', () => {
    expect(fitName(name(10), 5, 9)).toBe(0.5);
  });

  test('takes several lines where the row is high enough, and smaller type where it is not', () => {
    const long = name(20, 4);

    expect(fitName(long, 10, 4)).toBeGreaterThan(fitName(long, 10, 1.4));
    expect(fitName(long, 10, 1.4)).toBeGreaterThanOrEqual(0.5);
  });
});
