// A voter's page: the polls that take ballots, who is here, what is said. On a wide screen side by side.
import { lazy, Suspense, useCallback, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Disclosure } from '../components/disclosure';
import { EarlierPolls } from '../components/earlier-polls';
import { LinkStatus } from '../components/link-status';
import { Page } from '../components/page';
import { RoomLogo } from '../components/room-logo';
import { Tabs, type Tab } from '../components/tabs';
import { Chat } from '../features/chat/chat';
import { People } from '../features/people/people';
import { PollSection } from '../features/poll/poll-section';
import { useUnsentCasts } from '../features/poll/use-unsent-casts';
import { LogNotice } from '../features/log/log-notice';
import { FreshPoll } from '../features/room/fresh-poll';
import { LeaveButton } from '../features/room/leaving';
import { countLeft } from '../features/room/left';
import { OneByOne } from '../features/room/one-by-one';
import { PresenceLine } from '../features/room/presence-line';
import { StandingNote } from '../features/room/standing-note';
import { useArrangedPolls } from '../features/room/use-arranged-polls';
import { useLeft } from '../features/room/use-left';
import { useTurned } from '../features/room/use-turned';
import { usePollNews } from '../features/room/use-poll-news';
import { forgetClaim, useClaim } from '../lib/claims';
import { withWords } from '../lib/i18n';
import { earlierQuery, meetingQuery, messagesQuery, presenceQuery, roomQuery, youQuery } from '../lib/queries';
import { useSession } from '../lib/session';
import { useLiveRoom } from '../lib/use-live-room';
import { useWide } from '../lib/use-wide';
import { useRoomView } from './use-room-view';
import './room-page.css';

const Desk = lazy(() => withWords(['host', 'more'], import('../features/host/desk')));
const SoundSwitch = lazy(async () => ({ default: (await import('../components/sound-switch').catch(() => ({ SoundSwitch: () => null }))).SoundSwitch }));
const RefusedPage = lazy(async () => ({ default: (await withWords(['more'], import('./refused-page'))).RefusedPage }));
const Slip = lazy(async () => ({ default: (await import('../features/auth/slip')).Slip }));
const ClaimForm = lazy(async () => ({ default: (await import('../features/auth/seat-form')).ClaimForm }));

export function RoomPage({ code }: { code: string }) {
  const { t } = useTranslation();
  const [left, setLeft] = useLeft(code);
  const claim = useClaim(code);
  const leaveSlip = useCallback(() => forgetClaim(code), [code]);
  if (claim !== null) {
    return (
      <Suspense fallback={<Page title={t('auth.enterRoom')} className="narrow">{null}</Page>}>
        <Slip room={code} claim={claim} onDone={leaveSlip} />
      </Suspense>
    );
  }
  if (!left) return <LiveRoom code={code} onLeft={() => setLeft(true)} />;

  return (
    <Page title={t('room.left')} className="narrow">
      <p>{t('room.leftHint')}</p>
      <button type="button" className="primary" onClick={() => setLeft(false)}>
        {t('room.back')}
      </button>
    </Page>
  );
}

type Part = 'vote' | 'people' | 'chat';

function LiveRoom({ code, onLeft }: { code: string; onLeft: () => void }) {
  const { t } = useTranslation();
  const { link, refusal, refresh } = useLiveRoom(code);
  const { token } = useSession();
  const room = useQuery(roomQuery(code)).data;
  const online = useQuery(presenceQuery(code)).data?.online;
  const meeting = useQuery(meetingQuery(code)).data;
  const wide = useWide();
  const { role, polls: standings } = useQuery(youQuery(code, token)).data ?? {};
  const { isHost, atDesk } = useRoomView(code);
  const [part, setPart] = useState<Part>('vote');
  const { shown, earlier, fresh, looked } = useArrangedPolls(code);
  const [turnedTo, setTurnedTo] = useTurned(shown);
  const hasMore = (useQuery(earlierQuery(code)).data?.next ?? null) !== null;
  const [unread, setSeen] = useUnread(code, token);
  usePollNews(code);
  useUnsentCasts(shown);

  if (refusal !== null) return <RefusedPage code={code} refusal={refusal} known={room !== undefined} />;
  if (atDesk) {
    return (
      <Suspense fallback={<Page title={room?.name ?? ''}>{t('app.loading')}</Page>}>
        <Desk code={code} link={link} logNotice={<LogNotice code={code} room={room} link={link} />} />
      </Suspense>
    );
  }

  // All of the room at once: what was drawn of it before the rest came would be pushed about.
  if (room === undefined) {
    return (
      <Page title={t('room.title', { code })} className={wide ? 'wide' : ''}>
        <LinkStatus link={link}>{t('link.lost')}</LinkStatus>
        <div className="card empty" aria-busy="true">
          <p>{t(link === 'lost' ? 'room.offline' : 'room.starting')}</p>
        </div>
      </Page>
    );
  }

  // Of a roll that one is not on, the code is asked for where the ballot would be.
  const claimForm = (
    <Suspense fallback={null}>
      <ClaimForm room={code} onDone={() => undefined} />
    </Suspense>
  );
  const polls = (
    <div className="polls">
      {fresh !== null && <FreshPoll poll={fresh} onShow={() => setTurnedTo(fresh.id)} onLooked={looked} />}
      {!wide ? (
        <OneByOne code={code} polls={shown} asked={turnedTo} onTurn={setTurnedTo}>
          {(poll) => <PollSection key={poll.id} poll={poll} onPresent={refresh} claimForm={claimForm} />}
        </OneByOne>
      ) : (
        shown.map((poll) => <PollSection key={poll.id} poll={poll} onPresent={refresh} claimForm={claimForm} />)
      )}
      {shown.length === 0 && (
        <div className="card empty">
          <p>{t('room.noPoll')}</p>
          <p className="hint">{t('room.noPollHint')}</p>
        </div>
      )}
      {(earlier.length > 0 || hasMore) && (
        <Disclosure summary={t('room.earlier')}>
          {earlier.map((poll) => (
            <PollSection key={poll.id} poll={poll} onPresent={refresh} claimForm={claimForm} />
          ))}
          <EarlierPolls code={code} className="secondary" />
        </Disclosure>
      )}
    </div>
  );
  const left = countLeft(shown, standings);
  const people = <People code={code} shown={wide || part === 'people'} />;
  const chat = <Chat code={code} shown={wide || part === 'chat'} onSeen={setSeen} />;

  const tabs: Tab<Part>[] = [
    { id: 'vote', label: t('room.vote'), badge: left > 1 ? left : null, content: polls },
    { id: 'people', label: t('room.people'), badge: online, content: people },
    { id: 'chat', label: t('room.chat'), badge: unread > 0 ? unread : null, content: chat },
  ];

  return (
    <Page
      title={room.name}
      mark={<RoomLogo code={code} />}
      lead={
        <>
          <PresenceLine code={code} />
          {isHost && <Link to="?desk=polls">{t('room.desk')}</Link>}
        </>
      }
      className={wide ? 'wide in-room' : 'in-room'}
    >
      <LinkStatus link={link}>{t('link.lost')}</LinkStatus>
      <LogNotice code={code} room={room} link={link} />
      <StandingNote code={code} />
      {wide ? (
        <div className="room-columns">
          {polls}
          <aside className="room-side">
            {people}
            {chat}
          </aside>
        </div>
      ) : (
        <Tabs label={t('room.tabs')} tabs={tabs} shown={part} onShow={setPart} />
      )}
      <p className="aside">
        <Link to={`/r/${code}/screen`}>{t('room.screen')}</Link>
        {role !== undefined && role !== 'stranger' && role !== 'visitor' && <Link to={`/r/${code}/log`}>{t('logWatch.link')}</Link>}
        <Link to={`/r/${code}/meetings`}>{t('meeting.meetings')}</Link>
        <Link to={`/r/${code}/developer`}>{t('room.developer')}</Link>
        {token !== null && meeting && <LeaveButton code={code} onLeft={onLeft} />}
      </p>
      <Suspense fallback={null}>
        <SoundSwitch />
      </Suspense>
    </Page>
  );
}

/** How many messages came since the chat was last in sight; what was there at the start counts as seen. */
function useUnread(code: string, token: string | null): [number, (lastId: number) => void] {
  const messages = useQuery(messagesQuery(code, token)).data;
  const [seen, setSeen] = useState<number | null>(null);
  if (seen === null && messages !== undefined) setSeen(messages.at(-1)?.id ?? 0);
  const unread = messages?.filter(({ id, system }) => system === null && seen !== null && id > seen).length ?? 0;
  const look = useCallback((lastId: number) => setSeen((now) => Math.max(now ?? 0, lastId)), []);
  return [unread, look];
}
