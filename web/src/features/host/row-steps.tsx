// What a host can do about a member of the roll.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import type { Row } from '../../lib/contract';
import { isolate } from '../../lib/isolate';
import { makeCodes, removeRow } from './api';
import { useDesk } from './desk-room';
import { placeLink } from './place';
import { removedQuery, rollQuery, slipsQuery } from './queries';
import { RowButton } from './row-dialog';
import { useWords } from './words';

export function RowSteps({ row, name }: { row: Row; name: string }) {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const navigate = useNavigate();

  const drop = async () => {
    await removeRow(code, row.id);
    say(t('roll.removed', { name: row.name }));
    await cache.invalidateQueries(rollQuery(code, token));
    await cache.invalidateQueries(removedQuery(code, token));
  };
  const makeCode = async () => {
    const { items } = await makeCodes(code, [row.id]);
    cache.setQueryData(slipsQuery(code, token).queryKey, items);
    void navigate(placeLink('codes'));
  };

  return (
    <div className="steps" role="group" aria-label={isolate(name)}>
      <RowButton label={t('roll.edit')} row={row} />
      <AskOnce label={t('roll.newCode')} title={t('roll.newCodeTitle', { name })} confirm={t('roll.newCode')} act={makeCode}>
        <p>{t('roll.newCodeBody')}</p>
      </AskOnce>
      <AskOnce
        label={t('roll.remove')}
        title={t('roll.removeTitle', { name })}
        confirm={t('roll.remove')}
        danger
        act={drop}
      >
        <p>{t('roll.removeBody')}</p>
      </AskOnce>
    </div>
  );
}
