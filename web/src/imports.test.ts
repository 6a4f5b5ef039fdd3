// No module imports itself by way of others, not even for a type.
import { expect, test } from 'vitest';

const sources = import.meta.glob<string>('./**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** The modules that each module imports, by path. */
const imports = new Map(
  Object.entries(sources).map(([path, source]) => {
    const named = [...source.matchAll(/(?:from|import\(?)\s*'(\.[^']*)'/g)].map(([, asked]) => resolve(path, asked ?? ''));
    return [path, named.filter((each) => each !== undefined)];
  }),
);

function resolve(path: string, asked: string): string | undefined {
  const { pathname } = new URL(asked, new URL(path, 'file:///'));
  return ['', '.ts', '.tsx'].map((ending) => `.${pathname}${ending}`).find((each) => each in sources);
}

/** A way from a module back to itself; undefined if there is none. */
function findCircle(path: string, way: string[], finished: Set<string>): string[] | undefined {
  if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
  if (finished.has(path)) return undefined;
  for (const next of imports.get(path) ?? []) {
    const circle = findCircle(next, [...way, path], finished);
    if (circle !== undefined) return circle;
  }
  finished.add(path);
  return undefined;
}

test('no module imports itself by way of others', () => {
  const finished = new Set<string>();
  const circles = [...imports.keys()].map((path) => findCircle(path, [], finished)).filter(Boolean);

  expect([...imports.values()].flat().length).toBeGreaterThan(imports.size);
  expect(circles).toEqual([]);
});
