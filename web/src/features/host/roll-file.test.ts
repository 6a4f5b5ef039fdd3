import { describe, expect, test } from 'vitest';

import type { Row } from '../../lib/contract';
import { decodeRoll, encodings, findRemoved, readFaultPlace, readLines, readPasted, settleRemoved } from './roll-file';

const row = (id: number, name: string, over: Partial<Row> = {}): Row => ({
  ...{ id, name, email: null, ref: null, role: 'voter', columns: {}, claimed: false, checked_in: false },
  ...over,
});
const ids = (rows: Row[]) => rows.map((each) => each.id);

describe('decodeRoll', () => {
  test('reads UTF-8, its mark left out', () => {
    expect(decodeRoll(new TextEncoder().encode('\ufeff이름'))).toBe('이름');
  });

  test('reads what a Korean spreadsheet saves', () => {
    expect(decodeRoll(new Uint8Array([0xc0, 0xcc, 0xb8, 0xa7]))).toBe('이름');
  });

  test('reads UTF-16 by its mark, and what was chosen', () => {
    expect(decodeRoll(new Uint8Array([0xff, 0xfe, 0x74, 0xc7]))).toBe('이');
    expect(decodeRoll(new Uint8Array([0x4a, 0x6f, 0x73, 0xe9]), 'windows-1252')).toBe('José');
  });

  test('knows every encoding that the server takes', () => {
    expect(encodings.map((each) => decodeRoll(new TextEncoder().encode('a'), each)).join('')).toMatch(/^a/);
  });
});

describe('readLines', () => {
  test('takes semicolons by the header, or by a line that says so', () => {
    expect(readLines('name;ref\n"a;b";1')[1]?.cells).toEqual(['a;b', '1']);
    expect(readLines('sep=;\nname;ref, old\na;1')).toEqual([
      { line: 2, cells: ['name', 'ref, old'] },
      { line: 3, cells: ['a', '1'] },
    ]);
  });

  test('numbers lines as the file has them, over empty ones and breaks in quotes', () => {
    expect(readLines('name,ref\r\n"Kim, ""A""",1\n\n"two\nlines",2\nlast,3')).toEqual([
      { line: 1, cells: ['name', 'ref'] },
      { line: 2, cells: ['Kim, "A"', '1'] },
      { line: 4, cells: ['two\nlines', '2'] },
      { line: 6, cells: ['last', '3'] },
    ]);
  });

  test('takes tabs for what a spreadsheet copies', () => {
    expect(readLines('이름\t학번\n하늘, 김\t7')[1]?.cells).toEqual(['하늘, 김', '7']);
  });
});

describe('readPasted', () => {
  test('gives a bare list of names its header', () => {
    expect(readPasted('Ada\n\nNoah\n')).toBe('name\nAda\nNoah');
  });

  test.each(['name\nAda', 'Ada,1\nNoah,2', '이름\t학번\n하늘\t1'])('leaves %j as it is', (text) => {
    expect(readPasted(text)).toBe(text);
  });
});

describe('findRemoved', () => {
  const lines = readLines('이름,학번,email\nAda,１,\nNoah,,N@x.org\n하늘,,');

  test('knows rows again by number, email, or name alone', () => {
    const roll = [row(1, 'Other', { ref: '1' }), row(2, 'X', { email: 'n@x.org' }), row(3, '하늘'), row(4, 'Gone')];

    expect(ids(findRemoved(roll, lines))).toEqual([4]);
  });

  test('removes the second of one name that is given once', () => {
    expect(ids(findRemoved([row(3, '하늘'), row(4, '하늘')], lines))).toEqual([4]);
  });

});

describe('settleRemoved', () => {
  const host = row(9, 'Host', { role: 'host' });

  test('leaves the one host out where the server counts one less', () => {
    expect(settleRemoved([row(1, 'Ada'), host], 1)).toEqual([row(1, 'Ada')]);
  });

  test.each([
    ['as many as counted', [row(1, 'Ada')], 1, [1]],
    ['two hosts, of whom one stays', [host, row(8, 'Other', { role: 'host' })], 1, null],
    ['less than counted', [], 1, null],
  ])('with %s', (_, found, count, left) => {
    expect(settleRemoved(found, count)?.map((each) => each.id) ?? null).toEqual(left);
  });
});

test.each([
  ['line.3', { line: 3, member: '' }],
  ['line.12.email', { line: 12, member: 'email' }],
  ['rows', { line: null, member: 'rows' }],
])('readFaultPlace reads %s', (field, place) => {
  expect(readFaultPlace(field)).toEqual(place);
});
