import { describe, expect, test } from 'vitest';

import { decodeRoll, encodings, readFaultPlace, readLines, readPasted } from './roll-file';

const utf16 = (text: string, order: 'le' | 'be') => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), order === 'le');
  return new Uint8Array(view.buffer);
};

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

  // As the server's own test: these have NULs on either side.
  test.each(['Kim', '가갈', 'Ā一'])('knows UTF-16 without a mark, of %s', (name) => {
    for (const order of ['le', 'be'] as const)
      for (const end of ['\n', '\r\n', '\r'])
        for (const chosen of ['', 'utf-16'])
          expect(decodeRoll(utf16(`name,ref${end}${name},007${end}`, order), chosen)).toContain(`${end}${name},007`);
  });

  test.each(['', 'utf-8'])('takes no other file for UTF-16, with %j chosen', (chosen) => {
    expect(decodeRoll(new TextEncoder().encode('name\n\0a'), chosen)).toBe('name\n\0a');
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

  test.each(['name\nAda', 'Full Name\nAda', '이 름\n하늘', 'Ada,1\nNoah,2', '이름\t학번\n하늘\t1'])('leaves %j as it is', (text) => {
    expect(readPasted(text)).toBe(text);
  });
});

test.each([
  ['line.3', { line: 3, member: '' }],
  ['line.12.email', { line: 12, member: 'email' }],
  ['rows', { line: null, member: 'rows' }],
])('readFaultPlace reads %s', (field, place) => {
  expect(readFaultPlace(field)).toEqual(place);
});
