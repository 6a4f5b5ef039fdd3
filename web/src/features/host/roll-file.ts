// A roll's file as a host looks at it before it is sent: its text and its lines. Pure; what is right only the server says.

/** How many rows a roll may have, with its header and some that are empty. */
export const mostRows = 20_100;

/** Why a workbook can't be read here: too much is in it, or it is broken, locked or of another kind. */
export class WorkbookFault extends Error {
  constructor(readonly why: 'large' | 'unread') {
    super(why);
  }
}

/** A ZIP archive, as a workbook is; other files go to the server as they are. */
export const isArchive = (bytes: Uint8Array): boolean => [0x50, 0x4b, 3, 4].every((byte, place) => bytes[place] === byte);

export type RollLine = { line: number; cells: string[] };

const headers = [
  ...['name', 'fullname', '이름', '성명', '성함'],
  ...['email', 'e-mail', 'emailaddress', '이메일', '이메일주소', '메일'],
  ...['ref', 'membernumber', 'studentnumber', '학번', '회원번호', '학생번호', '번호'],
  ...['role', '역할'],
];
const isHeader = (cell: string) => headers.includes(cell.normalize('NFKC').replace(/\s/g, '').toLowerCase());

/** The encodings that a host may say a file is in, as the server names them. */
export const encodings = [
  ...['utf-8', 'utf-16', 'cp949', 'shift_jis', 'euc-jp', 'gb18030', 'big5'],
  ...['windows-1250', 'windows-1251', 'windows-1252'],
];

/** In how many bytes of a file without a mark its byte order shows. */
const shownBytes = 8_192;

/** The file's text in the encoding that was chosen; else UTF-8 or UTF-16, else the CP949 of Korean spreadsheets. */
export function decodeRoll(bytes: Uint8Array<ArrayBuffer>, chosen = ''): string {
  const decode = (encoding: string, fatal = false) => new TextDecoder(encoding, { fatal }).decode(bytes);
  const order = findByteOrder(bytes);
  if (order !== null && ['', 'utf-16'].includes(chosen)) return decode(order);
  if (chosen !== '') return decode(chosen === 'cp949' ? 'euc-kr' : chosen);
  try {
    return decode('utf-8', true);
  } catch {
    return decode('euc-kr');
  }
}

/**
 * The byte order of UTF-16, null where the file is none. Without a mark it has NUL bytes, line ends in one order and
 * none in the other, and no NUL letters: a text in any other encoding has no NULs at all.
 */
function findByteOrder(bytes: Uint8Array<ArrayBuffer>): 'utf-16le' | 'utf-16be' | null {
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  const head = bytes.subarray(0, shownBytes);
  if (!head.includes(0) || bytes.length % 2 === 1) return null;
  const found = (['utf-16le', 'utf-16be'] as const).filter((order) => {
    const text = new TextDecoder(order).decode(head);
    return !text.includes('\0') && /[\r\n]/.test(text);
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Which character separates the cells of a file: told by a line `sep=;`, else by its header. */
function separatorOf(head: string): string {
  const bare = head.replace(/"[^"]*"/g, '');
  if (bare.includes('\t')) return '\t';
  const count = (separator: string) => bare.split(separator).length;
  return [';', '|'].reduce((most, each) => (count(each) > count(most) ? each : most), ',');
}

/** A list of bare names needs no header: it gets one. Anything else goes as it was pasted. */
export function readPasted(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const bare = lines.length > 0 && lines.every((line) => !/[,;|\t"]/.test(line)) && !isHeader(lines[0] ?? '');
  return bare ? ['name', ...lines].join('\n') : text;
}

/** The file's lines, quotes and breaks within them taken into account, each with the number of the line where it begins. */
export function readLines(text: string): RollLine[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const declared = /^"?sep=([,;|\t]|\\t)"?[,;|\t ]*$/i.exec(head)?.[1]?.replace('\\t', '\t');
  const separator = declared ?? separatorOf(head);
  const lines: RollLine[] = [];
  let line = 1;
  let begins = 1;
  let cell = '';
  let cells: string[] = [];
  let quoted = false;
  const endCell = () => {
    cells.push(cell.trim());
    cell = '';
  };
  const endLine = () => {
    endCell();
    if (cells.some((each) => each !== '')) lines.push({ line: begins, cells });
    cells = [];
    begins = line;
  };
  const plain = text.replace(/\r\n?/g, '\n');
  for (let position = 0; position < plain.length; position++) {
    const letter = plain[position] ?? '';
    if (letter === '\n') line++;
    if (quoted && letter === '"' && plain[position + 1] === '"') cell += plain[position++] ?? '';
    else if (letter === '"' && (quoted || cell.trim() === '')) quoted = !quoted;
    else if (!quoted && letter === separator) endCell();
    else if (!quoted && letter === '\n') endLine();
    else cell += letter;
  }
  endLine();
  return declared === undefined ? lines : lines.slice(1);
}

/** Where in the file a refusal points: `line.3.email` is line 3, its email. */
export function readFaultPlace(field: string): { line: number | null; member: string } {
  const match = /^(?:line|rows)\.(\d+)(?:\.(.+))?$/.exec(field);
  return match ? { line: Number(match[1]), member: match[2] ?? '' } : { line: null, member: field };
}
