// An import of a roll, step by step: what the host asks for, what the server makes of it, and that it is done.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Refusal } from '../../lib/api';
import { announce } from '../../lib/announcing';
import type { FieldError, RollChange, RollFileRead } from '../../lib/contract';
import { listNames } from '../../lib/isolate';
import { sendRoll } from './api';
import { useDesk } from './desk-room';
import { rollQuery } from './queries';
import { askUses, readUses, type Uses } from './roll-columns';
import { decodeRoll, isArchive, readLines, readPasted, type RollLine } from './roll-file';
import { useAct } from './use-act';
import { useWords } from './words';

/** What a host asks for. `encoding` '' and `uses` null leave it to the file. */
export type Asked = {
  pasted: string;
  file: File | null;
  mode: 'merge' | 'replace';
  encoding: string;
  uses: Uses | null;
};

/** What came of it: the change that the server would make, or why it makes none. */
export type Looked = { asked: Asked; lines: RollLine[] } & (
  | { change: RollChange; fault: null }
  | { change: null; fault: unknown }
);

const nothing: Asked = { pasted: '', file: null, mode: 'merge', encoding: '', uses: null };

export function useRollImport() {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const [asked, setAsked] = useState(nothing);
  const [latest, setLatest] = useState<Looked | null>(null);

  const send = async (what: Asked, dryRun: boolean) =>
    sendRoll(code, await tableOf(what), {
      replacing: what.mode === 'replace',
      dryRun,
      asked: { ...(what.encoding !== '' && { encoding: what.encoding }), ...askUses(what.uses) },
    });

  const preview = async (what: Asked): Promise<Looked> => {
    let lines: RollLine[] = [];
    try {
      lines = readLines(decodeRoll(new Uint8Array(await (await tableOf(what)).arrayBuffer()), what.encoding));
      return { asked: what, lines, change: await send(what, true), fault: null };
    } catch (fault) {
      return { asked: what, lines, change: null, fault };
    }
  };
  const act = useAct(preview, (answer) => {
    setLatest(answer);
    const read = readingOf(answer);
    if (read !== null && isNameless(read)) announce(t('roll.whichName'));
    else if (read?.guessed) announce(`${t('roll.areRight')} ${listNames(read.names)}`);
  });

  const looked = latest?.asked.file === asked.file && latest.asked.pasted === asked.pasted ? latest : null;
  // Read in another encoding, the columns have other names.
  const reading = looked?.asked.encoding === asked.encoding ? readingOf(looked) : null;

  const look = (part: Partial<Asked> = {}) => {
    const what = { ...asked, ...part };
    if (act.isPending || isEmpty(what)) return;
    setAsked(what);
    act.mutate(what);
  };

  const apply = async () => {
    const { added, changed, removed } = await send(asked, false);
    say(t('roll.applied', { added, changed, removed }));
    setAsked(nothing);
    await cache.invalidateQueries(rollQuery(code, token));
  };

  return {
    asked,
    looked,
    reading,
    /** What is shown is what would be imported. */
    isCurrent: looked?.asked === asked,
    isBusy: act.isPending,
    isEmpty: isEmpty(asked),
    uses: asked.uses ?? readUses(reading?.columns ?? []),
    /** A new source: what was chosen for the one before says nothing about it. */
    take: (source: Pick<Asked, 'file'> | Pick<Asked, 'pasted'>) =>
      setAsked({ ...asked, encoding: '', uses: null, ...source }),
    setMode: (mode: Asked['mode']) => setAsked({ ...asked, mode }),
    setEncoding: (encoding: string) => setAsked({ ...asked, encoding, uses: null }),
    setUses: (uses: Uses) => setAsked({ ...asked, uses }),
    look,
    apply,
  };
}

export type RollImporting = ReturnType<typeof useRollImport>;

const isEmpty = ({ file, pasted }: Asked) => file === null && pasted.trim() === '';

const fileOf = ({ file, pasted }: Asked): Blob => file ?? new Blob([readPasted(pasted)], { type: 'text/csv' });

const read = new WeakMap<File, Promise<Blob>>();

/** What is sent: of a workbook of Excel's its first sheet as CSV. */
function tableOf(asked: Asked): Promise<Blob> {
  const { file } = asked;
  if (file === null) return Promise.resolve(fileOf(asked));
  const known = read.get(file) ?? asTable(file);
  read.set(file, known);
  return known;
}

async function asTable(file: File): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  // A browser that can't unpack leaves it to the server to say what to do.
  if (!isArchive(head) || typeof DecompressionStream === 'undefined') return file;
  const { readWorkbook } = await import('./workbook');
  const table = await readWorkbook(file);
  return table === null ? file : new Blob([table], { type: 'text/csv' });
}

/** How the server read the file, also one that it refused. */
function readingOf({ change, fault }: Looked): RollFileRead | null {
  if (change === null) return fault instanceof Refusal ? (fault.problem.file ?? null) : null;
  const { encoding, guessed = false, names = [], columns = [] } = change;
  return encoding === null ? null : { encoding, guessed, names, columns };
}

/** Whether no column of a file that has some holds the names. */
export const isNameless = ({ columns }: RollFileRead) =>
  columns.length > 0 && columns.every(({ field }) => field !== 'name');

export const faultsOf = (fault: unknown): FieldError[] =>
  fault instanceof Refusal ? (fault.problem.errors ?? []) : [];
