// The host's desk: its places, and what every one of them shows. Loaded only by hosts.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, useLocation } from 'react-router';

import { LinkStatus } from '../../components/link-status';
import { useTitle } from '../../components/page';
import '../../components/tabs.css';
import type { Link as LinkState } from '../../lib/follow-room';
import { isolate } from '../../lib/isolate';
import { roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { MeetingFacts } from '../../components/meeting-facts';
import { DeskContext } from './desk-room';
import { Door } from './door';
import { GuestNote } from './guest-note';
import { InvitePlace } from './invite-place';
import { Minutes } from './minutes';
import { PeoplePlace } from './people-place';
import { placeLink, usePlace, type PlaceName } from './place';
import { EditPoll, NewPoll } from './poll-form';
import { PollsPlace } from './polls-place';
import { RollPlace } from './roll-place';
import { SettingsPlace } from './settings-place';
import { Slips } from './slips';
import { useNotice } from './use-notice';
import { useWords } from './words';
import '../../components/sheet.css';
import './desk.css';

/** Each place under the tab that it belongs to. */
const tabs = ['polls', 'roll', 'door', 'people', 'settings'] as const;
const tabOf: Partial<Record<PlaceName, (typeof tabs)[number]>> = {
  new: 'polls',
  poll: 'polls',
  edit: 'polls',
  minutes: 'polls',
  codes: 'roll',
};

type DeskProps = { code: string; link: LinkState; logNotice: ReactNode };

export default function DeskPage({ code, link, logNotice }: DeskProps) {
  const { t } = useWords();
  const { token } = useSession();
  const room = useQuery(roomQuery(code)).data;
  const place = usePlace();
  const tab = tabOf[place.name] ?? place.name;
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  const [said, say] = useNotice(code);
  useTitle(`${t(`desk.${tab as (typeof tabs)[number] | 'invite'}`)} · ${isolate(room?.name ?? code)}`);

  // A screen reader would otherwise stay silent about the place that was gone to.
  useEffect(() => {
    if (key !== 'default') heading.current?.focus();
  }, [key]);

  if (room === undefined) return null;

  return (
    <DeskContext value={{ code, room, token, say }}>
      <main id="content" className="page desk">
        <header className="desk-head">
          <div>
            <h1 ref={heading} tabIndex={-1}>
              <bdi>{room.name}</bdi>
            </h1>
            <Facts code={code} />
          </div>
          <nav className="desk-ways" aria-label={t('desk.ways')}>
            <Link to={placeLink('invite')} aria-current={place.name === 'invite' ? 'page' : undefined}>
              {t('desk.invite')}
            </Link>
            <Link to="?desk=off">{t('desk.vote')}</Link>
            <Link to={`/r/${code}/log`}>{t('translation:logWatch.link')}</Link>
            <a href={`/r/${code}/screen`} target="_blank" rel="noreferrer">
              {t('desk.screen')}
            </a>
          </nav>
        </header>
        <nav className="tabs desk-tabs" aria-label={t('desk.places')}>
          {tabs.map((name) => (
            <Link key={name} to={placeLink(name)} aria-current={name === tab ? 'page' : undefined}>
              {t(`desk.${name}`)}
            </Link>
          ))}
        </nav>
        <LinkStatus link={link}>{t('desk.lost')}</LinkStatus>
        {logNotice}
        <GuestNote />
        <p role="status" className="desk-said">
          {said}
        </p>
        <Shown key={`${place.name}-${place.pollId ?? ''}`} />
      </main>
    </DeskContext>
  );
}

function Facts({ code }: { code: string }) {
  const { t } = useWords();

  return (
    <ul className="facts">
      <li>
        {t('desk.code')} <strong translate="no">{code}</strong>
      </li>
      <MeetingFacts code={code} />
    </ul>
  );
}

function Shown() {
  const { name, pollId } = usePlace();
  switch (name) {
    case 'new':
      return <NewPoll />;
    case 'edit':
      return pollId === null ? <PollsPlace /> : <EditPoll pollId={pollId} />;
    case 'minutes':
      return pollId === null ? <PollsPlace /> : <Minutes pollId={pollId} />;
    case 'roll':
      return <RollPlace />;
    case 'codes':
      return <Slips />;
    case 'door':
      return <Door />;
    case 'invite':
      return <InvitePlace />;
    case 'people':
      return <PeoplePlace />;
    case 'settings':
      return <SettingsPlace />;
    default:
      return <PollsPlace />;
  }
}
