// A roll's file as a host looks at it before it is sent: its lines, and who would go. Pure; what is right only the server says.
import type { Row } from '../../lib/contract';

export type RollLine = { line: number; cells: string[] };

const headers: Record<string, string[]> = {
  name: ['name', 'full name', '이름', '성명', '성함'],
  email: ['email', 'e-mail', 'email address', '이메일', '메일'],
  ref: ['ref', '학번', '회원번호', '번호'],
  role: ['role', '역할'],
};

const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase();
const memberOf = (cell: string) => Object.keys(headers).find((member) => headers[member]?.includes(fold(cell)));

/** The encodings that a host may say a file is in, as the server names them. */
export const encodings = [
  ...['utf-8', 'utf-16', 'cp949', 'shift_jis', 'euc-jp', 'gb18030', 'big5'],
  ...['windows-1250', 'windows-1251', 'windows-1252'],
];

/** The file's text in the encoding that was chosen; else UTF-8 or UTF-16, else the CP949 of Korean spreadsheets. */
export function decodeRoll(bytes: Uint8Array<ArrayBuffer>, chosen = ''): string {
  const decode = (encoding: string, fatal = false) => new TextDecoder(encoding, { fatal }).decode(bytes);
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return decode('utf-16be');
  if (first === 0xff && second === 0xfe) return decode('utf-16le');
  if (chosen !== '' && chosen !== 'cp949') return decode(chosen);
  try {
    return decode('utf-8', true);
  } catch {
    return decode('euc-kr');
  }
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
  const bare = lines.length > 0 && lines.every((line) => !/[,;|\t"]/.test(line)) && memberOf(lines[0] ?? '') === undefined;
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

/** Who of the roll is not in the file. A row is known again by its number or email, or, with neither, by its name. */
export function findRemoved(roll: readonly Row[], lines: readonly RollLine[]): Row[] {
  const [head, ...rest] = lines;
  const columns = (head?.cells ?? []).map(memberOf);
  const keys = new Set<string>();
  const names: string[] = [];
  for (const { cells } of rest) {
    const read = (member: string) => fold(cells[columns.indexOf(member)] ?? '');
    const known = ['ref', 'email'].filter((member) => read(member) !== '');
    known.forEach((member) => keys.add(`${member}:${read(member)}`));
    if (known.length === 0) names.push(read('name'));
  }
  return roll.filter((row) => {
    const known = (['ref', 'email'] as const).filter((member) => row[member]);
    if (known.length > 0) return !known.some((member) => keys.has(`${member}:${fold(row[member] ?? '')}`));
    const at = names.indexOf(fold(row.name));
    if (at >= 0) names.splice(at, 1);
    return at < 0;
  });
}

/**
 * Those of `found` who go, where the server counts `count` of them; null where this page cannot tell. The server keeps
 * whoever asks, a host, and does not tell which row is theirs.
 */
export function settleRemoved(found: Row[], count: number): Row[] | null {
  if (found.length === count) return found;
  const others = found.filter((row) => row.role !== 'host');
  return found.length === count + 1 && others.length === count ? others : null;
}

/** Where in the file a refusal points: `line.3.email` is line 3, its email. */
export function readFaultPlace(field: string): { line: number | null; member: string } {
  const match = /^(?:line|rows)\.(\d+)(?:\.(.+))?$/.exec(field);
  return match ? { line: Number(match[1]), member: match[2] ?? '' } : { line: null, member: field };
}
