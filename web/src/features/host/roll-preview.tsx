// What an import would do: how many come, change and go, who goes, and how the file was read.
import type { RollChange } from '../../lib/contract';
import { listNames } from '../../lib/isolate';
import { useWords } from './words';

export function PreviewFacts({ change }: { change: RollChange }) {
  const { t } = useWords();
  const { removed_names: removed = [], names = [], columns = [], encoding } = change;
  const more = change.removed - removed.length;
  const kept = columns.filter(({ field, ignored }) => field === null && !ignored).map(({ called }) => called);

  return (
    <div className="stack tight">
      <ul className="counts">
        <li>{t('roll.toAdd', { count: change.added })}</li>
        <li>{t('roll.toChange', { count: change.changed })}</li>
        <li data-warns={change.removed > 0}>{t('roll.toRemove', { count: change.removed })}</li>
      </ul>
      {removed.length > 0 && (
        <p className="removed-names">
          {t('roll.removedNames', { names: listNames(removed) })} {more > 0 && t('roll.andMore', { count: more })}
        </p>
      )}
      {/* A guess is asked about by these, elsewhere. */}
      {change.guessed !== true && (
        <>
          {names.length > 0 && <p className="hint">{t('roll.firstNames', { names: listNames(names) })}</p>}
          {encoding !== null && (
            <p className="hint">{t('roll.readAs', { encoding: t(`roll.encoding_${encoding as 'utf-8'}`) })}</p>
          )}
        </>
      )}
      {kept.length > 0 && <p className="hint">{t('roll.freeColumns', { columns: listNames(kept) })}</p>}
    </div>
  );
}
