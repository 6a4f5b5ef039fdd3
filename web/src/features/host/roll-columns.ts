// What each column of a roll's file is for: as the server found it, and as the host chooses. Pure.
import type { RollColumn } from '../../lib/contract';
import type { RollLine } from './roll-file';

export type Field = NonNullable<RollColumn['field']>;
/** A column that holds no field is kept with each person, or left out. */
export type Use = Field | 'keep' | 'ignore';
/** The use of each column, by what the server calls it. */
export type Uses = ReadonlyMap<string, Use>;

const known: Record<Field, true> = { name: true, email: true, ref: true, role: true };
export const fields = Object.keys(known) as Field[];
export const uses: Use[] = [...fields, 'keep', 'ignore'];

export function readUses(columns: readonly RollColumn[]): Uses {
  return new Map(columns.map(({ called, field, ignored }) => [called, ignored ? 'ignore' : (field ?? 'keep')]));
}

/** Which column holds a field; undefined where none does. */
export function findColumn(chosen: Uses, field: Field): string | undefined {
  return [...chosen].find(([, use]) => use === field)?.[0];
}

/** The uses after a choice: a field is in one column, so the column that held it before is kept as it is. */
export function chooseUse(chosen: Uses, called: string, use: Use): Uses {
  const isTaken = (other: Use) => other === use && use !== 'ignore';
  return new Map([...chosen].map(([each, other]) => [each, each === called ? use : isTaken(other) ? 'keep' : other]));
}

/** The uses as the server is asked for them; null leaves them to the headers. */
export function askUses(chosen: Uses | null): Record<string, string> {
  if (chosen === null) return {};
  const ignored = [...chosen].filter(([, use]) => use === 'ignore').map(([called]) => `"${called.replaceAll('"', '""')}"`);
  return {
    ...Object.fromEntries(fields.map((field) => [`${field}_column`, findColumn(chosen, field) ?? ''])),
    ...(ignored.length > 0 && { ignored_columns: ignored.join(',') }),
  };
}

/** Columns of a roll that was saved here: the server leaves them out, and does not tell them. */
const untold = ['claimed', 'checked_in'];
const samplesShown = 3;

/** A cell without what keeps spreadsheets from taking it for a number or a formula, as the server reads it. */
const showCell = (cell: string) =>
  cell.replace(/^="(.*)"$/s, (_, text: string) => text.replaceAll('""', '"')).replace(/^'(?=[=+\-@＝＋－＠\d])/, '');

/** The cells of each line after the headers, by column; null where this page reads other columns than the server. */
function readRows(columns: readonly RollColumn[], lines: readonly RollLine[]): string[][] | null {
  const [head = [], ...rest] = lines.map(({ cells }) => cells);
  // Spreadsheets pad a line with empty cells, which are no columns.
  const width = head.reduce((last, cell, place) => (cell === '' ? last : place + 1), 0);
  const places = [...head.slice(0, width).keys()].filter((place) => !untold.includes(head[place]?.toLowerCase() ?? ''));
  if (places.length !== columns.length) return null;
  return rest.map((cells) => places.map((place) => showCell(cells[place] ?? '')));
}

/** The first cells of each column. */
export function listSamples(columns: readonly RollColumn[], lines: readonly RollLine[]): Map<string, string[]> {
  const rows = readRows(columns, lines);
  if (rows === null) return new Map();
  const cellsOf = (at: number) => rows.map((row) => row[at] ?? '').filter((cell) => cell !== '');
  return new Map(columns.map(({ called }, at) => [called, cellsOf(at).slice(0, samplesShown)]));
}

/** The first people as the chosen uses make them: their names, and what else is kept of each. */
export function listPeople(columns: readonly RollColumn[], lines: readonly RollLine[], chosen: Uses): { name: string; more: string[] }[] {
  const named = columns.findIndex(({ called }) => chosen.get(called) === 'name');
  const rows = (readRows(columns, lines) ?? []).filter((row) => (row[named] ?? '') !== '');
  return rows.slice(0, samplesShown).map((row) => {
    const more = columns.flatMap(({ called }, at) => {
      const [use, cell] = [chosen.get(called), row[at] ?? ''];
      if (cell === '' || use === 'name' || use === 'ignore') return [];
      return [use === 'keep' ? `${called}: ${cell}` : cell];
    });
    return { name: row[named] ?? '', more };
  });
}
