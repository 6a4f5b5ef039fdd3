import { describe, expect, test } from 'vitest';

import { chooseScale } from './scale';

describe('chooseScale', () => {
  test('begins with all of the ballots', () => {
    expect(chooseScale(1, [0.2, 0.1], 5)).toBe(1);
  });

  test('looks closer when every bar would be short', () => {
    expect(chooseScale(1, [0.04, 0.07], 100)).toBe(0.1);
    expect(chooseScale(1, [0.3, 0.1], 100)).toBe(0.5);
  });

  test('stays when a bar comes near its end', () => {
    expect(chooseScale(0.25, [0.24], 100)).toBe(0.25);
  });

  test('steps back when a bar would not fit', () => {
    expect(chooseScale(0.25, [0.26], 100)).toBe(0.5);
    expect(chooseScale(0.25, [0.9], 3)).toBe(1);
  });

  test('always shows the line that is to be reached', () => {
    expect(chooseScale(1, [0.05, 0.6667], 100)).toBe(1);
  });
});
