// A roll from a spreadsheet: pasted, dropped or picked; looked at by the server first, and every refused line named.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type DragEvent } from 'react';

import { AskOnce } from '../../components/ask-once';
import { Refusal } from '../../lib/api';
import type { FieldError } from '../../lib/contract';
import { sendRoll } from './api';
import { useDesk } from './desk-room';
import { Area, Options, Pick } from './fields';
import { rollQuery } from './queries';
import { decodeRoll, encodings, findRemoved, readFaultPlace, readLines, readPasted, settleRemoved, type RollLine } from './roll-file';
import { PreviewFacts, type Preview } from './roll-preview';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

type Mode = 'merge' | 'replace';
type Sent = { file: Blob; mode: Mode };

export function RollImport() {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const faultText = useFaultText();
  const roll = useQuery(rollQuery(code, token)).data ?? [];
  const [pasted, setPasted] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<Mode>('merge');
  const [encoding, setEncoding] = useState('');
  const [lines, setLines] = useState<RollLine[]>([]);

  const look = useAct(async (): Promise<Sent & Preview> => {
    const sent = file ?? new Blob([readPasted(pasted)], { type: 'text/csv' });
    const read = readLines(decodeRoll(new Uint8Array(await sent.arrayBuffer()), encoding));
    setLines(read);
    const change = await sendRoll(code, sent, { replacing: mode === 'replace', dryRun: true, encoding });
    // The server decides who goes; their names are told only where this page finds as many.
    const removed = mode === 'replace' ? settleRemoved(findRemoved(roll, read), change.removed) : [];
    return { file: sent, mode, change, removed };
  });
  const preview = look.data;
  const forget = () => look.reset();

  const apply = async () => {
    if (preview === undefined) return;
    const { added, changed, removed } = await sendRoll(code, preview.file, {
      replacing: preview.mode === 'replace',
      dryRun: false,
      // A guess is confirmed by naming it: the host has seen the first names.
      encoding: preview.change.encoding ?? encoding,
    });
    say(t('roll.applied', { added, changed, removed }));
    setPasted('');
    setFile(null);
    setEncoding('');
    forget();
    await cache.invalidateQueries(rollQuery(code, token));
  };

  const take = (taken: File | undefined) => {
    if (taken === undefined) return;
    setFile(taken);
    setEncoding('');
    forget();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  };
  const refused = look.error instanceof Refusal ? (look.error.problem.errors ?? []) : [];
  const empty = file === null && pasted.trim() === '';
  const unsure = preview?.change.guessed === true || refused.some(({ field }) => field === 'encoding');

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the button inside does the same without a mouse
    <section
      className="card stack roll-import"
      id="roll-import"
      tabIndex={-1}
      aria-labelledby="roll-import-title"
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <h3 id="roll-import-title">{t('roll.import')}</h3>
      <p className="hint">{t('roll.importHint')}</p>
      <label className="act file-button">
        {t('roll.pickFile')}
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </label>
      {file !== null && (
        <p className="picked">
          {t('roll.picked', { name: file.name })}{' '}
          <button
            type="button"
            className="link"
            onClick={() => {
              setFile(null);
              forget();
            }}
          >
            {t('roll.unpick')}
          </button>
        </p>
      )}
      {file === null && (
        <Area
          label={t('roll.paste')}
          hint={t('roll.pasteHint')}
          rows={6}
          value={pasted}
          spellCheck={false}
          onChange={(event) => {
            setPasted(event.target.value);
            forget();
          }}
        />
      )}
      {file !== null && (unsure || encoding !== '') && (
        <Pick
          label={t('roll.encoding')}
          hint={t('roll.encodingHint')}
          value={encoding}
          options={[
            { value: '', label: t('roll.encodingByFile') },
            ...encodings.map((value) => ({ value, label: t(`roll.encoding_${value as 'utf-8'}`) })),
          ]}
          onPick={(picked) => {
            setEncoding(picked);
            forget();
          }}
        />
      )}
      <Options
        legend={t('roll.mode')}
        value={mode}
        options={(['merge', 'replace'] as const).map((value) => ({
          value,
          label: t(`roll.mode_${value}`),
          hint: t(`roll.mode_${value}_hint`),
        }))}
        onPick={(picked) => {
          setMode(picked);
          forget();
        }}
      />
      <button
        type="button"
        className={preview ? 'act' : 'act main'}
        aria-disabled={empty || look.isPending}
        onClick={() => !empty && !look.isPending && look.mutate()}
      >
        {t(look.isPending ? 'roll.looking' : 'roll.look')}
      </button>
      <div role="alert">
        {look.error && (
          <Refused
            fault={faultText(look.error)}
            errors={refused}
            more={look.error instanceof Refusal && look.error.problem.more === true}
            lines={lines}
            shift={shiftOf(pasted, file)}
          />
        )}
      </div>
      <div role="status">{preview && <PreviewFacts preview={preview} />}</div>
      {preview && (
        <AskOnce
          label={t('roll.apply')}
          className="act main"
          title={t(preview.mode === 'replace' ? 'roll.replaceTitle' : 'roll.mergeTitle')}
          confirm={t('roll.apply')}
          danger={preview.change.removed > 0}
          act={apply}
        >
          <PreviewFacts preview={preview} />
          {preview.change.removed > 0 && <p>{t('roll.removeBody')}</p>}
        </AskOnce>
      )}
    </section>
  );
}

/** A header that this page put before bare names is no line of what was pasted. */
function shiftOf(pasted: string, file: File | null): number {
  return file === null && readPasted(pasted) !== pasted ? 1 : 0;
}

type RefusedProps = { fault: string; errors: FieldError[]; more: boolean; lines: RollLine[]; shift: number };

function Refused({ fault, errors, more, lines, shift }: RefusedProps) {
  const { t } = useWords();
  const textOf = new Map(lines.map(({ line, cells }) => [line, cells.join(' · ')]));

  return (
    <div className="refused stack tight">
      <p className="fault">{errors.length === 0 ? fault : t('roll.refused', { count: errors.length })}</p>
      {errors.length > 0 && (
        <ol className="refused-lines">
          {errors.map(({ field, detail }, position) => {
            const { line, member } = readFaultPlace(field);
            const name = ['name', 'email', 'ref', 'role'].find((known) => known === member);
            return (
              <li key={`${field}-${position}`}>
                <strong>{line === null ? t(member === 'encoding' ? 'roll.encoding' : 'roll.wholeFile') : t('roll.line', { line: line - shift })}</strong>{' '}
                {name !== undefined && `${t(`roll.${name as 'name' | 'email' | 'ref' | 'role'}`)}: `}
                {detail}
                {line !== null && textOf.has(line) && <code>{textOf.get(line)}</code>}
              </li>
            );
          })}
        </ol>
      )}
      {more && <p>{t('roll.moreFaults')}</p>}
    </div>
  );
}
