// The first sheet of an Excel workbook as CSV, so that the server needs to read neither ZIP nor XML. Loaded only for one.
import { mostRows, WorkbookFault } from './roll-file';
import { walkXml } from './xml';
import { Archive } from './zip';

/** A file with more is no roll. */
const mostFileBytes = 8 << 20;
const mostColumns = 200;
/** Of all cells together, however often one text is used: the server takes no more bytes. */
const mostLetters = 2 << 20;
/** A longer format of numbers is none of Excel's. */
const mostFormatLetters = 255;

/** How the number of a cell is shown: as digits of a length, as a date, or as it is. */
type Shown = { digits: number } | 'date' | null;
type Read = { strings: readonly string[]; shown: readonly Shown[]; from1904: boolean };

/** The CSV; null where the file is no workbook of Excel's. */
export async function readWorkbook(file: Blob): Promise<string | null> {
  if (file.size > mostFileBytes) throw new WorkbookFault('large');
  const archive = Archive.of(new Uint8Array(await file.arrayBuffer()));
  const book = await archive.text('xl/workbook.xml');
  if (book === null) return null;
  const { path, from1904 } = await findSheet(archive, book);
  const sheet = await archive.text(path);
  if (sheet === null) throw new WorkbookFault('unread');
  const strings = readStrings((await archive.text('xl/sharedStrings.xml')) ?? '');
  const shown = readStyles((await archive.text('xl/styles.xml')) ?? '');
  return readSheet(sheet, { strings, shown, from1904 });
}

/** Where the first sheet is that isn't hidden. */
async function findSheet(archive: Archive, book: string): Promise<{ path: string; from1904: boolean }> {
  let id: string | null = null;
  let from1904 = false;
  walkXml(book, {
    open: (name, attribute) => {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attribute('date1904') ?? '');
      if (name === 'sheet' && id === null && (attribute('state') ?? 'visible') === 'visible') id = attribute('r:id');
    },
  });
  let target = 'worksheets/sheet1.xml';
  walkXml((await archive.text('xl/_rels/workbook.xml.rels')) ?? '', {
    open: (name, attribute) => {
      if (name === 'Relationship' && attribute('Id') === id) target = attribute('Target') ?? target;
    },
  });
  return { path: target.startsWith('/') ? target.slice(1) : `xl/${target}`, from1904 };
}

/** The texts that cells refer to by number; how a text is read aloud (`rPh`) is no part of it. */
function readStrings(xml: string): string[] {
  const strings: string[] = [];
  let text = '';
  let within: 'text' | 'reading' | null = null;
  walkXml(xml, {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 'rPh') within = 'reading';
      if (name === 't' && within === null) within = 'text';
    },
    close: (name) => {
      if (name === 'si') strings.push(text);
      if (name === 'rPh' || (name === 't' && within === 'text')) within = null;
    },
    text: (some) => {
      if (within === 'text') text += some;
    },
  });
  return strings;
}

/** How each style of a cell shows a number. */
function readStyles(xml: string): Shown[] {
  const formats = new Map<string, string>();
  const shown: Shown[] = [];
  let isCell = false;
  walkXml(xml, {
    open: (name, attribute) => {
      if (name === 'numFmt') formats.set(attribute('numFmtId') ?? '', attribute('formatCode') ?? '');
      if (name === 'cellXfs') isCell = true;
      if (name === 'xf' && isCell) shown.push(readFormat(attribute('numFmtId') ?? '0', formats));
    },
    close: (name) => {
      if (name === 'cellXfs') isCell = false;
    },
  });
  return shown;
}

function readFormat(id: string, formats: ReadonlyMap<string, string>): Shown {
  const code = formats.get(id);
  if (code === undefined) return /^(1[4-7]|22|2[7-9]|3[0-6]|5[0-8])$/.test(id) ? 'date' : null;
  if (/^0{2,20}$/.test(code)) return { digits: code.length };
  if (code.length > mostFormatLetters) return null;
  const bare = code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '');
  return /[yd]/i.test(bare) && !/general/i.test(bare) ? 'date' : null;
}

/** Each row of the sheet is one line, so that a fault's line is the sheet's. */
function readSheet(xml: string, read: Read): string {
  const lines: string[] = [];
  let cells: string[] = [];
  let row = 0;
  let column = 0;
  let type = '';
  let style = '';
  let value = '';
  let within = false;
  let letters = 0;
  const put = (text: string) => {
    letters += text.length;
    if (letters > mostLetters) throw new WorkbookFault('large');
    putCell(cells, column, text);
  };
  walkXml(xml, {
    open: (name, attribute) => {
      if (name === 'row') {
        row = Number(attribute('r') ?? row + 1);
        if (!(row > lines.length && row <= mostRows)) throw new WorkbookFault('large');
        [cells, column] = [[], 0];
      } else if (name === 'c') {
        column = readColumn(attribute('r')) ?? column + 1;
        [type, style, value] = [attribute('t') ?? 'n', attribute('s') ?? '', ''];
      } else if (name === 'v' || name === 't') within = true;
    },
    close: (name) => {
      if (name === 'v' || name === 't') within = false;
      else if (name === 'c') put(wordCell(value, type, read.shown[Number(style)] ?? null, read));
      else if (name === 'row') {
        while (lines.length < row - 1) lines.push('');
        lines.push(cells.map(quote).join(','));
      }
    },
    text: (some) => {
      if (within) value += some;
    },
  });
  return `${lines.join('\n')}\n`;
}

function putCell(cells: string[], column: number, text: string): void {
  if (text === '') return;
  if (column > mostColumns) throw new WorkbookFault('large');
  while (cells.length < column) cells.push('');
  cells[column - 1] = text;
}

/** B7 → 2. */
function readColumn(place: string | null): number | null {
  const letters = /^[A-Z]{1,3}/.exec(place ?? '')?.[0];
  return letters === undefined ? null : Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function wordCell(value: string, type: string, shown: Shown, { strings, from1904 }: Read): string {
  if (type === 's') return strings[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (type !== 'n' || value.trim() === '' || !Number.isFinite(Number(value))) return value;
  if (shown === 'date') return wordDate(Number(value), from1904);
  // Numbers as people typed them: 7.000000000000001 is 7, 1.2E10 is 12000000000.
  const plain = /^-?\d+$/.test(value) ? value : String(Number(Number(value).toPrecision(15)));
  return shown === null ? plain : plain.padStart(shown.digits, '0');
}

/** Day 61 is 1 March 1900, or 1904 where years are counted from there (ECMA-376, 18.17.4). */
function wordDate(day: number, from1904: boolean): string {
  const date = new Date((day - (from1904 ? 24_107 : 25_569)) * 86_400_000);
  return Number.isNaN(date.getTime()) ? String(day) : date.toISOString().slice(0, 10);
}

const quote = (text: string) => (text === '' ? '' : `"${text.replace(/[\r\n]+/g, ' ').replace(/"/g, '""')}"`);
