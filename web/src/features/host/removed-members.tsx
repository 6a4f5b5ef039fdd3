// Members who were removed from the roll, to be brought back as the same voters.
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { AskOnce } from '../../components/ask-once';
import { Disclosure } from '../../components/disclosure';
import type { RemovedMember } from '../../lib/contract';
import { formatListed } from '../../lib/format';
import { nameApart } from '../../lib/names';
import { restoreRow } from './api';
import { useDesk } from './desk-room';
import { PersonRow } from './person-row';
import { removedQuery, rollQuery } from './queries';
import { useWords } from './words';

export function RemovedMembers() {
  const { t } = useWords();
  const { code, token } = useDesk();
  const removed = useQuery(removedQuery(code, token)).data ?? [];
  const names = nameApart(removed);
  if (removed.length === 0) return null;

  return (
    <Disclosure summary={t('roll.removedList', { count: removed.length })}>
      <p className="hint">{t('roll.removedHint')}</p>
      <ul className="roll-rows">
        {removed.map((each) => (
          <RemovedRow key={each.id} each={each} name={names.get(each.id) ?? each.name} />
        ))}
      </ul>
    </Disclosure>
  );
}

function RemovedRow({ each, name }: { each: RemovedMember; name: string }) {
  const { t, language } = useWords();
  const { code, room, token, say } = useDesk();
  const cache = useQueryClient();
  const time = each.removed_at && formatListed(each.removed_at, language, room.timezone);
  const facts = [each.ref, each.email, t(`roll.role_${each.role}`), time && t('roll.removedAt', { time })];

  const restore = async () => {
    await restoreRow(code, each.id);
    say(t('roll.restored', { name }));
    await cache.invalidateQueries(removedQuery(code, token));
    await cache.invalidateQueries(rollQuery(code, token));
  };

  return (
    <PersonRow name={name} facts={facts}>
      <AskOnce
        label={t('roll.restore')}
        title={t('roll.restoreTitle', { name })}
        confirm={t('roll.restore')}
        act={restore}
      >
        <p>{t('roll.restoreBody')}</p>
      </AskOnce>
    </PersonRow>
  );
}
