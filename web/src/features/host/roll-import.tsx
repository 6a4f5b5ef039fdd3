// A roll from a spreadsheet: pasted, dropped or picked; looked at by the server first, and asked about where it isn't clear.
import { useRef, type DragEvent } from 'react';

import { AskOnce } from '../../components/ask-once';
import { Area, Options } from '../../components/fields';
import type { FieldError } from '../../lib/contract';
import { PreviewFacts } from './roll-preview';
import { RollReading } from './roll-reading';
import { RollRefused } from './roll-refused';
import { isNameless, useRollImport, type RollImporting } from './use-roll-import';
import { useWords } from './words';

export function RollImport() {
  const { t } = useWords();
  const importing = useRollImport();
  const { looked, isBusy, isEmpty, look } = importing;

  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file !== undefined) importing.take({ file });
  };

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
      <Source importing={importing} />
      <Options
        legend={t('roll.mode')}
        value={importing.asked.mode}
        options={(['merge', 'replace'] as const).map((value) => ({
          value,
          label: t(`roll.mode_${value}`),
          hint: t(`roll.mode_${value}_hint`),
        }))}
        onPick={importing.setMode}
      />
      <button
        type="button"
        className={looked === null ? 'act main' : 'act'}
        aria-disabled={isEmpty || isBusy}
        onClick={() => look()}
      >
        {t(isBusy ? 'roll.looking' : 'roll.look')}
      </button>
      <Result importing={importing} />
    </section>
  );
}

/** The file, or the table that is pasted. */
function Source({ importing: { asked, take } }: { importing: RollImporting }) {
  const { t } = useWords();
  const { file, pasted } = asked;

  return (
    <>
      <label className="act file-button">
        {t('roll.pickFile')}
        <input
          type="file"
          accept=".xlsx,.csv,.tsv,.txt,text/csv,text/tab-separated-values"
          onChange={(event) => {
            const picked = event.target.files?.[0];
            if (picked !== undefined) take({ file: picked });
            event.target.value = '';
          }}
        />
      </label>
      {file === null ? (
        <Area
          label={t('roll.paste')}
          hint={t('roll.pasteHint')}
          rows={6}
          value={pasted}
          spellCheck={false}
          onChange={(event) => take({ pasted: event.target.value })}
        />
      ) : (
        <p className="picked">
          {t('roll.picked', { name: file.name })}{' '}
          <button type="button" className="link" onClick={() => take({ file: null })}>
            {t('roll.unpick')}
          </button>
        </p>
      )}
    </>
  );
}

/** What the server says of it: faults, questions, columns, what would change; then the last step. */
function Result({ importing }: { importing: RollImporting }) {
  const { t } = useWords();
  const { asked, looked, reading, isCurrent, isBusy, look, apply } = importing;
  const top = useRef<HTMLDivElement>(null);
  // The button that was pressed goes when the answer comes: the focus may not go with it.
  const rest = () => top.current?.focus();
  const preview = isCurrent ? (looked?.change ?? null) : null;
  const nameless = reading !== null && isNameless(reading);
  const isAsked = ({ field }: FieldError) => nameless && /^line\.\d+\.name$/.test(field);

  return (
    <div className="roll-result stack" ref={top} tabIndex={-1} role="group" aria-label={t('roll.look')}>
      <div role="alert">{looked !== null && isCurrent && <RollRefused looked={looked} isAsked={isAsked} />}</div>
      <RollReading importing={importing} onAnswer={rest} />
      <div role="status">
        {preview !== null && <PreviewFacts change={preview} />}
        {looked !== null && !isCurrent && !isBusy && <p>{t('roll.stale')}</p>}
      </div>
      {looked !== null && !isCurrent && (
        <button
          type="button"
          className="act main"
          aria-disabled={isBusy}
          onClick={() => {
            rest();
            look();
          }}
        >
          {t('roll.lookAgain')}
        </button>
      )}
      {preview !== null && preview.guessed !== true && (
        <AskOnce
          label={t('roll.apply')}
          className="act main"
          title={t(asked.mode === 'replace' ? 'roll.replaceTitle' : 'roll.mergeTitle')}
          confirm={t('roll.apply')}
          danger={preview.removed > 0}
          act={apply}
        >
          <PreviewFacts change={preview} />
          {preview.removed > 0 && <p>{t('roll.removeBody')}</p>}
        </AskOnce>
      )}
    </div>
  );
}
