// A room's log in words, for its members: who did what, and when. Newest first; it can be printed and saved.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { Awaited } from '../components/awaited';
import { LinkStatus } from '../components/link-status';
import { Page } from '../components/page';
import { LogList } from '../features/log/log-list';
import { LogNotice } from '../features/log/log-notice';
import { useWords } from '../features/log/words';
import { headQuery, roomQuery, youQuery } from '../lib/queries';
import { useSession } from '../lib/session';
import { useLiveRoom } from '../lib/use-live-room';
import { RefusedPage } from './refused-page';

export function LogPage({ code }: { code: string }) {
  const { t } = useWords();
  const { token } = useSession();
  const { link, refusal } = useLiveRoom(code);
  const room = useQuery(roomQuery(code)).data;
  const head = useQuery(headQuery(code)).data;
  const role = useQuery(youQuery(code, token)).data?.role;
  if (refusal !== null) return <RefusedPage code={code} refusal={refusal} known={room !== undefined} />;

  const member = role !== undefined && role !== 'visitor' && role !== 'stranger';
  return (
    <Page
      title={t('title')}
      lead={<p className="tagline"><bdi>{room?.name ?? t('translation:room.title', { code })}</bdi></p>}
      className="narrow log-page"
    >
      <LinkStatus link={link}>{t('translation:link.lost')}</LinkStatus>
      <LogNotice code={code} room={room} link={link} />
      <p>{t('what')}</p>
      {head === undefined || role === undefined ? (
        <Awaited />
      ) : member ? (
        <LogList code={code} head={head} room={room} />
      ) : (
        <p className="card">{t('membersOnly')}</p>
      )}
      <p className="aside screen-only">
        <Link to={`/r/${code}`}>{t('back')}</Link>
      </p>
    </Page>
  );
}
