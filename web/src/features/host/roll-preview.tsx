// What an import would do, and how the file was read: the first names, the encoding, the free columns.
import { listNames } from '../../lib/isolate';
import type { RollChange, Row } from '../../lib/contract';
import { useWords } from './words';

export type Preview = { change: RollChange; removed: Row[] | null };

/** How many names of those who go are listed. */
const namesShown = 12;

export function PreviewFacts({ preview: { change, removed } }: { preview: Preview }) {
  const { t } = useWords();
  const free = (change.columns ?? []).filter(({ field }) => field === null).map(({ called }) => called);

  return (
    <div className="stack tight">
      <ul className="counts">
        <li>{t('roll.toAdd', { count: change.added })}</li>
        <li>{t('roll.toChange', { count: change.changed })}</li>
        <li data-warns={change.removed > 0}>{t('roll.toRemove', { count: change.removed })}</li>
      </ul>
      {removed !== null && removed.length > 0 && (
        <p className="hint">
          {t('roll.removedNames', {
            names: listNames(removed.slice(0, namesShown).map((row) => row.name)),
          })}{' '}
          {removed.length > namesShown && t('roll.andMore', { count: removed.length - namesShown })}
        </p>
      )}
      {change.names !== undefined && change.names.length > 0 && (
        <p className="hint">{t('roll.firstNames', { names: listNames(change.names) })}</p>
      )}
      {change.encoding !== null && (
        <p className={change.guessed ? 'question' : 'hint'}>
          {t(change.guessed ? 'roll.guessedAs' : 'roll.readAs', {
            encoding: t(`roll.encoding_${change.encoding as 'utf-8'}`),
          })}
        </p>
      )}
      {free.length > 0 && <p className="hint">{t('roll.freeColumns', { columns: listNames(free) })}</p>}
    </div>
  );
}
