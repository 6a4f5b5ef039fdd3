// The hall's screen: one poll, read from the last row. It has no controls and recovers by itself.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { LinkStatus } from '../../components/link-status';
import { Outcome } from '../../components/outcome';
import { useTitle } from '../../components/page';
import { TurnoutLine } from '../../components/turnout-line';
import { useLiveRoom } from '../../lib/use-live-room';
import { currentState } from '../../lib/merge';
import { currentPoll } from '../../lib/polls';
import { pollsQuery, presenceQuery, resultsQuery, roomQuery } from '../../lib/queries';
import './screen.css';

export function Screen({ code }: { code: string }) {
  const { t } = useTranslation();
  const { link, refusal } = useLiveRoom(code, 'screen');
  const room = useQuery(roomQuery(code)).data;
  const polls = useQuery(pollsQuery(code)).data ?? [];
  const presence = useQuery(presenceQuery(code)).data;
  const poll = currentPoll(room, polls);
  const results = useQuery(resultsQuery(poll?.id ?? 0)).data;
  const state = poll && currentState(poll, results);
  const name = room?.name ?? t('room.title', { code });
  useTitle(poll?.title ?? name);

  if (refusal !== null) {
    return (
      <main className="screen">
        <h1>{t('room.gone')}</h1>
        <p className="screen-empty">{refusal.detail}</p>
      </main>
    );
  }

  return (
    <main className="screen">
      <header className="screen-head">
        {poll && (
          <p className="screen-room">
            {name} {state && <span className="chip">{t(`state.${state}`)}</span>}
          </p>
        )}
        <h1>{poll?.title ?? name}</h1>
      </header>
      <div className="screen-body">
        {poll ? (
          <Outcome poll={poll} results={results} />
        ) : (
          <p className="screen-empty">{t(room ? 'room.noPoll' : 'app.loading')}</p>
        )}
      </div>
      <footer className="screen-foot">
        <ul className="facts">
          {results && <TurnoutLine results={results} />}
          {presence && <li>{t('room.online', { count: presence.online })}</li>}
        </ul>
        <p className="screen-join">
          {t('screen.join')} <span translate="no">{`${window.location.host}/r/${code}`}</span>
        </p>
      </footer>
      <LinkStatus link={link}>{t('link.lostScreen')}</LinkStatus>
    </main>
  );
}
