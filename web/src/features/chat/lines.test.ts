import { describe, expect, test } from 'vitest';

import type { Message } from '../../lib/contract';
import { foldLines } from './lines';

let made = 0;

function note(code: 'arrived' | 'left', name: string, online: number): Message {
  return { id: ++made, author: { id: `g-${name}`, name, role: null }, system: { code, name, online }, text: '', sent_at: '' } as Message;
}

const said = (text: string) => ({ id: ++made, author: { id: 'u1', name: 'Ada', role: 'voter' }, system: null, text, sent_at: '' }) as Message;

describe('foldLines', () => {
  test('folds a hundred arrivals into one line', () => {
    const arrivals = Array.from({ length: 100 }, (_, index) => note('arrived', `P${index}`, index + 1));

    const [line, ...others] = foldLines(arrivals);

    expect(others).toEqual([]);
    expect(line).toMatchObject({ moves: { id: arrivals[0]?.id, went: [], online: 100 } });
    expect(line && 'moves' in line && line.moves.came).toHaveLength(100);
  });

  test('leaves what was said in its place between them', () => {
    const hello = said('Hello');

    expect(foldLines([note('arrived', 'Kim', 1), hello, note('arrived', 'Lee', 2), note('left', 'Kim', 1)])).toMatchObject([
      { moves: { came: ['Kim'], went: [], online: 1 } },
      { message: hello },
      { moves: { came: ['Lee'], went: ['Kim'], online: 1 } },
    ]);
  });

  test('names somebody who comes and goes once, by the last of it', () => {
    const flapping = [note('arrived', 'Kim', 2), note('left', 'Kim', 1), note('arrived', 'Kim', 2), note('left', 'Lee', 1)];

    expect(foldLines(flapping)).toMatchObject([{ moves: { came: ['Kim'], went: ['Lee'], online: 1 } }]);
  });

  test('keeps the place of a line while it grows', () => {
    const first = note('arrived', 'Kim', 1);

    expect(foldLines([first])[0]).toMatchObject({ moves: { id: first.id } });
    expect(foldLines([first, note('arrived', 'Lee', 2)])[0]).toMatchObject({ moves: { id: first.id } });
  });
});
