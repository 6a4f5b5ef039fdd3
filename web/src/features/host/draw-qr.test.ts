import decodeQR from 'qr/decode.js';
import { expect, test } from 'vitest';

import { drawQr } from './draw-qr';

/** The pixels of a drawn code, `scale` to a module. */
function paint({ size, path }: { size: number; path: string }, scale: number) {
  const side = size * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let dy = 0; dy < scale; dy++) {
      const start = (((Number(y) * scale + dy) * side) + Number(x) * scale) * 4;
      for (let pixel = 0; pixel < scale; pixel++) data.fill(0, start + pixel * 4, start + pixel * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

test.each(['http://192.168.0.12:5000/r/K7M2QX#claim=GYQ0E1PVBN', 'https://투표.example/r/lobby#claim=0123456789'])(
  'draws %s so that it is read again',
  (address) => {
    expect(decodeQR(paint(drawQr(address), 4))).toBe(address);
  },
);

test('stays small enough to be scanned from a slip', () => {
  // 40 mm wide with at most 49 modules: each is 0.8 mm.
  expect(drawQr('https://vote.example-assembly.org/r/K7M2QX#claim=GYQ0E1PVBN').size).toBeLessThanOrEqual(49);
});
