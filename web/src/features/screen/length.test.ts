import { describe, expect, test } from 'vitest';

import { cutNames } from './length';

describe('cutNames', () => {
  test('keeps all names where they are few', () => {
    expect(cutNames(['Ada Park', '김하늘'])).toEqual([['Ada Park', '김하늘'], 0]);
  });

  test('keeps the first names and counts the others where they are many', () => {
    const names = Array.from({ length: 30 }, (_, place) => `Alexandra Papadopoulou ${place}`);

    const [shown, left] = cutNames(names);

    expect(shown).toEqual(names.slice(0, shown.length));
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.length).toBeLessThan(10);
    expect(left).toBe(30 - shown.length);
  });

  test('keeps one name however long it is', () => {
    expect(cutNames(['a'.repeat(300), 'b'])).toEqual([['a'.repeat(300)], 1]);
  });
});
