import { expect, test } from 'vitest';

import { contrast, readColour, tonesOf } from './tones';

const parts = ['00', '33', '66', '99', 'cc', 'ff'];
const colours = parts.flatMap((red) => parts.flatMap((green) => parts.map((blue) => `#${red}${green}${blue}`)));
/** What the pages' styles put tones on. */
const grounds = {
  light: ['#ffffff', '#f5f4ef', '#e7e6de', '#e3e2d9'],
  dark: ['#0d1412', '#16201d', '#26332f', '#1d2a26'],
};
const ratio = (one: string, other: string) => contrast(readColour(one), readColour(other));

test('contrast is that of the standard', () => {
  expect(ratio('#000000', '#ffffff')).toBeCloseTo(21);
  expect(ratio('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test.each(['light', 'dark'] as const)('every colour can be read on %s ground', (scheme) => {
  const unread = colours.filter((colour) => {
    const { accent, strong, soft, ink } = tonesOf(colour)[scheme];
    const pairs = [...grounds[scheme].map((ground) => [accent, ground]), [ink, accent], [ink, strong], [strong, soft], [accent, soft]];
    return pairs.some(([one = '', other = '']) => ratio(one, other) < 4.5);
  });

  expect(colours).toHaveLength(216);
  expect(unread).toEqual([]);
});

test('a colour that can be read stays as it is', () => {
  expect(tonesOf('#7a1fa2').light.accent).toBe('#7a1fa2');
  expect(tonesOf('#ffd54f').dark.accent).toBe('#ffd54f');
});
