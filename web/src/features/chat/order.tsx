// A host's part of the chat: whether each line has its buttons, and who is muted.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { formatTime } from '../../lib/format';
import { isolate } from '../../lib/isolate';
import { roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { useFaultText } from '../../lib/use-fault-text';
import { endMute, fetchMuted, mutedKey } from './api';

type OrderProps = { code: string; ordering: boolean; onOrdering: (ordering: boolean) => void };

export default function Order({ code, ordering, onOrdering }: OrderProps) {
  const { t, i18n } = useTranslation();
  const { token } = useSession();
  const faultText = useFaultText();
  const cache = useQueryClient();
  const zone = useQuery(roomQuery(code)).data?.timezone;
  const queryKey = mutedKey(code, token);
  const muted = useQuery({ queryKey, queryFn: () => fetchMuted(code), enabled: ordering, refetchInterval: 15_000 });
  const ending = useMutation({
    networkMode: 'always',
    mutationFn: (person: string) => endMute(code, person),
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });

  return (
    <div className="order">
      <button type="button" className="quiet" aria-expanded={ordering} onClick={() => onOrdering(!ordering)}>
        {t(ordering ? 'chat.orderDone' : 'chat.order')}
      </button>
      {ordering && muted.data !== undefined && muted.data.length > 0 && (
        <ul className="muted-people" aria-label={t('chat.mutedPeople')}>
          {muted.data.map(({ person, name, ends_at }) => (
            <li key={person}>
              <span>
                <strong>
                  <bdi>{name || person}</bdi>
                </strong>{' '}
                {ends_at === null
                  ? t('chat.mutedOpen')
                  : t('chat.mutedTill', { time: formatTime(ends_at, i18n.language, zone) })}
              </span>
              <button
                type="button"
                className="act"
                aria-label={`${t('chat.unmute')}: ${isolate(name || person)}`}
                onClick={() => !ending.isPending && ending.mutate(person)}
              >
                {t('chat.unmute')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div role="alert">
        {(muted.error ?? ending.error) && <p className="fault">{faultText(muted.error ?? ending.error)}</p>}
      </div>
    </div>
  );
}
