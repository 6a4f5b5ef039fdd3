import { describe, expect, test } from 'vitest';

import { WorkbookFault } from './roll-file';
import { readWorkbook } from './workbook';

type Parts = Record<string, string | Uint8Array<ArrayBuffer>>;

async function deflate(content: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([content]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Bytes of a length, with numbers of four or two bytes at their places. */
function head(length: number, longs: Record<number, number>, shorts: Record<number, number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  Object.entries(longs).forEach(([place, value]) => view.setUint32(Number(place), value, true));
  Object.entries(shorts).forEach(([place, value]) => view.setUint16(Number(place), value, true));
  return bytes;
}

/** An archive of these files. */
async function zip(parts: Parts): Promise<Blob> {
  const local: BlobPart[] = [];
  const central: BlobPart[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(parts)) {
    const packed = await deflate(content);
    local.push(head(30, { 0: 0x04034b50, 18: packed.length }, { 8: 8, 26: name.length }), name, packed);
    central.push(head(46, { 0: 0x02014b50, 20: packed.length, 42: offset }, { 10: 8, 28: name.length }), name);
    offset += 30 + name.length + packed.length;
  }
  const end = head(22, { 0: 0x06054b50, 16: offset }, { 10: Object.keys(parts).length });
  return new Blob([...local, ...central, end]);
}

const book = '<workbook><sheets><sheet name="Hidden" state="hidden" r:id="r1"/><sheet name="Roll" r:id="r2"/></sheets></workbook>';
const rels =
  '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/></Relationships>';
const styles = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="00000000"/><numFmt numFmtId="171" formatCode="yyyy&quot;년&quot; m"/></numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
  <cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/><xf numFmtId="171"/></cellXfs></styleSheet>`;
const strings = '<sst><si><t>이름</t></si><si><r><t>김</t></r><r><t>하늘</t></r><rPh><t>キム</t></rPh></si><si><t>A &amp; &quot;B&quot;&#10;&#xAC00;</t></si></sst>';

const sheet = (rows: string) => `<?xml version="1.0"?><!-- made by hand --><x:worksheet><x:sheetData>${rows}</x:sheetData></x:worksheet>`;
const workbook = (rows: string, more: Parts = {}) =>
  zip({
    'xl/workbook.xml': book,
    'xl/_rels/workbook.xml.rels': rels,
    'xl/styles.xml': styles,
    'xl/sharedStrings.xml': strings,
    'xl/worksheets/sheet1.xml': sheet('<row r="1"><c r="A1"><v>hidden</v></c></row>'),
    'xl/worksheets/sheet2.xml': sheet(rows),
    ...more,
  });

const fault = async (file: Blob) => {
  try {
    await readWorkbook(file);
  } catch (thrown) {
    return thrown instanceof WorkbookFault ? thrown.why : thrown;
  }
  return null;
};

describe('a workbook', () => {
  test.each([
    ['<c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>팀</t></is></c>', '"이름",,"팀"'],
    ['<c t="s"><v>1</v></c><c t="s"><v>2</v></c>', '"김하늘","A & ""B"" 가"'],
    ['<c s="1"><v>1234</v></c><c><v>20261234</v></c><c><v>1.2E10</v></c><c><v>7.000000000000001</v></c>', '"00001234","20261234","12000000000","7"'],
    ['<c s="2"><v>45987</v></c><c s="3"><v>61</v></c><c t="b"><v>1</v></c><c t="str"><v>=x</v></c>', '"2025-11-26","1900-03-01","TRUE","=x"'],
    ['<c r="A1"/><c r="B1" t="s"><v>99</v></c>', ''],
  ])('is read as Excel shows it: %s', async (cells, line) => {
    expect(await readWorkbook(await workbook(`<row r="1">${cells}</row>`))).toBe(`${line}\n`);
  });

  test('keeps the numbers of its rows', async () => {
    const rows = '<row r="2"><c><v>1</v></c></row><row r="4"><c><v>2</v></c></row>';

    expect(await readWorkbook(await workbook(rows))).toBe('\n"1"\n\n"2"\n');
  });

  test('is none without a book in it', async () => {
    expect(await readWorkbook(await zip({ 'content.xml': '<a/>' }))).toBeNull();
  });
});

describe('a hostile file is refused', () => {
  const laughs = `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${sheet('<row><c t="str"><v>&b;</v></c></row>')}`;

  test.each([
    ['a bomb', { 'xl/worksheets/sheet2.xml': new Uint8Array(100 << 20) }, 'large'],
    ['strings that are a bomb', { 'xl/sharedStrings.xml': new Uint8Array(100 << 20).fill(32) }, 'large'],
    ['entities that unfold', { 'xl/worksheets/sheet2.xml': laughs }, 'unread'],
    ['a million rows', { 'xl/worksheets/sheet2.xml': sheet('<row><c><v>1</v></c></row>'.repeat(1_000_000)) }, 'large'],
    ['a row far below', { 'xl/worksheets/sheet2.xml': sheet('<row r="1048576"><c><v>1</v></c></row>') }, 'large'],
    ['rows that go back', { 'xl/worksheets/sheet2.xml': sheet('<row r="2"/><row r="1"/>') }, 'large'],
    ['a cell far to the right', { 'xl/worksheets/sheet2.xml': sheet('<row><c r="XFD1"><v>1</v></c></row>') }, 'large'],
    [
      'one long text in many cells',
      {
        'xl/sharedStrings.xml': `<sst><si><t>${'a'.repeat(1 << 20)}</t></si></sst>`,
        'xl/worksheets/sheet2.xml': sheet('<row><c t="s"><v>0</v></c></row>'.repeat(10_000)),
      },
      'large',
    ],
    ['a tag that never ends', { 'xl/worksheets/sheet2.xml': `<a ${'b="'.repeat(100_000)}` }, 'unread'],
    ['a name that never ends', { 'xl/worksheets/sheet2.xml': `<${'a'.repeat(1 << 20)}` }, 'unread'],
    ['a sheet that is missing', { 'xl/_rels/workbook.xml.rels': rels.replace('sheet2', 'sheet3') }, 'unread'],
  ])('with %s', async (_, more, why) => {
    expect(await fault(await workbook('<row/>', more))).toBe(why);
  });

  test.each([
    ['an attribute without a value', { 'xl/workbook.xml': book.replace('<sheet ', `<sheet ${'a'.repeat(1 << 20)} `) }],
    ['a cell of spaces', { 'xl/sharedStrings.xml': `<sst><si><t>${' '.repeat(1 << 20)}</t></si></sst>` }],
    ['a long format', { 'xl/styles.xml': styles.replace('00000000', '['.repeat(1 << 20)) }],
  ])('or read in a moment, with %s', async (_, more) => {
    const file = await workbook('<row><c t="s"><v>0</v></c><c s="1"><v>7</v></c></row>', more);

    expect(await readWorkbook(file)).not.toBeNull();
  });

  test('which is none, is cut, or holds too many files', async () => {
    const whole = await workbook('<row/>');
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, number) => [`${number}`, '']));

    expect(await fault(new Blob(['PK\u0003\u0004 and no more']))).toBe('unread');
    expect(await fault(whole.slice(0, whole.size - 30))).toBe('unread');
    expect(await fault(whole.slice(40))).toBe('unread');
    expect(await fault(await zip(many))).toBe('large');
    expect(await fault(new Blob([new Uint8Array(9 << 20)]))).toBe('large');
  });
});
