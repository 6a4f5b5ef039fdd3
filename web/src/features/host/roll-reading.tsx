// How a roll's file is read, as far as the host has a say: its encoding, the column with the names, every column's use.
import { useId, type ReactNode } from 'react';

import { Pick } from '../../components/fields';
import { isolate, listNames } from '../../lib/isolate';
import { chooseUse, findColumn, listPeople, listSamples, uses as allUses } from './roll-columns';
import { encodings } from './roll-file';
import { faultsOf, isNameless, type RollImporting } from './use-roll-import';
import { useWords } from './words';

type ReadingProps = { importing: RollImporting; onAnswer: () => void };

export function RollReading({ importing, onAnswer }: ReadingProps) {
  const { reading } = importing;

  return (
    <>
      <EncodingChoice importing={importing} onAnswer={onAnswer} />
      {reading !== null && isNameless(reading) && <NameChoice importing={importing} />}
      <ColumnChoices importing={importing} />
    </>
  );
}

/** A choice under its question; `ask` is null where nothing is asked. */
function Question({ ask, children }: { ask: string | null; children: ReactNode }) {
  const id = useId();
  const asking = ask !== null && { className: 'question stack tight', role: 'group', 'aria-labelledby': id };

  return (
    <div {...asking}>
      {ask !== null && (
        <p id={id} className="question-ask">
          <bdi>{ask}</bdi>
        </p>
      )}
      {children}
    </div>
  );
}

/** A guessed encoding is confirmed by the first names. The host can choose another, also where none could be guessed. */
function EncodingChoice({ importing: { asked, looked, reading, isBusy, look, setEncoding }, onAnswer }: ReadingProps) {
  const { t } = useWords();
  const guess = reading?.guessed ? reading : null;
  const isUnclear = looked !== null && faultsOf(looked.fault).some(({ field }) => field === 'encoding');
  if (asked.file === null || (guess === null && asked.encoding === '' && !isUnclear && looked?.change?.guessed !== true))
    return null;

  const names = guess === null || guess.names.length === 0 ? null : listNames(guess.names);
  const confirm = () => {
    onAnswer();
    look({ encoding: guess?.encoding ?? '' });
  };

  return (
    <Question ask={names === null ? null : t('roll.areRight')}>
      {guess !== null && names !== null && (
        <>
          <p className="question-names">
            <bdi>{names}</bdi>
          </p>
          <p>{t('roll.guessedAs', { encoding: t(`roll.encoding_${guess.encoding as 'utf-8'}`) })}</p>
          <button type="button" className="act main" aria-disabled={isBusy} onClick={confirm}>
            {t('roll.areRightYes')}
          </button>
        </>
      )}
      <Pick
        label={t('roll.encoding')}
        hint={t('roll.encodingHint')}
        value={asked.encoding}
        options={[
          { value: '', label: t('roll.encodingByFile') },
          ...encodings.map((value) => ({ value, label: t(`roll.encoding_${value as 'utf-8'}`) })),
        ]}
        onPick={setEncoding}
      />
    </Question>
  );
}

function NameChoice({ importing: { uses, setUses } }: { importing: RollImporting }) {
  const { t } = useWords();

  return (
    <Question ask={t('roll.whichName')}>
      <Pick
        label={t('roll.nameColumn')}
        hint={t('roll.whichNameHint')}
        value={findColumn(uses, 'name') ?? ''}
        options={[
          { value: '', label: t('roll.pickColumn') },
          ...[...uses.keys()].map((called) => ({ value: called, label: called })),
        ]}
        onPick={(called) => setUses(chooseUse(uses, called, 'name'))}
      />
    </Question>
  );
}

function ColumnChoices({ importing: { looked, reading, uses, setUses } }: { importing: RollImporting }) {
  const { t } = useWords();
  const columns = reading?.columns ?? [];
  // A list of names alone leaves nothing to choose.
  if (columns.length === 0 || (columns.length === 1 && columns[0]?.field === 'name')) return null;
  const samples = listSamples(columns, looked?.lines ?? []);
  const people = listPeople(columns, looked?.lines ?? [], uses);

  return (
    <fieldset className="roll-uses">
      <legend>{t('roll.columns')}</legend>
      <p className="hint">{t('roll.columnsHint')}</p>
      <div className="beside">
        {columns.map(({ called }) => {
          const cells = samples.get(called) ?? [];
          return (
            <Pick
              key={called}
              label={isolate(called)}
              hint={cells.length > 0 ? t('roll.samples', { cells: listNames(cells) }) : undefined}
              value={uses.get(called) ?? 'keep'}
              options={allUses.map((use) => ({ value: use, label: t(`roll.use_${use}`) }))}
              onPick={(use) => setUses(chooseUse(uses, called, use))}
            />
          );
        })}
      </div>
      {people.length > 0 && (
        <div className="stack tight">
          <p className="hint">{t('roll.firstPeople')}</p>
          <ul className="stack tight">
            {people.map(({ name, more }, at) => (
              <li key={at}>
                <strong><bdi>{name}</bdi></strong> <bdi className="hint">{listNames(more)}</bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
}
