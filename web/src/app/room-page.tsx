// A voter's page: who is here, and the polls that take ballots.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { LinkStatus } from '../components/link-status';
import { Page } from '../components/page';
import { PollSection } from '../features/poll/poll-section';
import { PresenceLine } from '../features/room/presence-line';
import { useLiveRoom } from '../lib/use-live-room';
import { pollsToShow } from '../lib/polls';
import { pollsQuery, roomQuery } from '../lib/queries';

export function RoomPage({ code }: { code: string }) {
  const { t } = useTranslation();
  const { link, refusal } = useLiveRoom(code);
  const room = useQuery(roomQuery(code)).data;
  const polls = pollsToShow(room, useQuery(pollsQuery(code)).data ?? []);

  if (refusal !== null) {
    return (
      <Page title={t('room.gone')} className="narrow">
        <p>{refusal.detail}</p>
        <Link to="/">{t('app.home')}</Link>
      </Page>
    );
  }

  return (
    <Page title={room?.name ?? t('room.title', { code })} lead={<PresenceLine code={code} />}>
      <LinkStatus link={link}>{t('link.lost')}</LinkStatus>
      {polls.map((poll) => (
        <PollSection key={poll.id} poll={poll} />
      ))}
      {room && polls.length === 0 && (
        <div className="card empty">
          <p>{t('room.noPoll')}</p>
          <p className="hint">{t('room.noPollHint')}</p>
        </div>
      )}
      <p className="aside">
        <Link to={`/r/${code}/screen`}>{t('room.screen')}</Link>
      </p>
    </Page>
  );
}
