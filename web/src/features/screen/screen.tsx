// The hall's screen: one poll, read from the last row. It asks nothing of anybody and recovers by itself.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useReducer, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { LogHead } from '../../components/log-head';
import { useTitle } from '../../components/page';
import { RoomLogo } from '../../components/room-logo';
import type { ShownState, Problem } from '../../lib/contract';
import type { Link } from '../../lib/follow-room';
import { currentState } from '../../lib/merge';
import { currentPoll } from '../../lib/polls';
import { pollsQuery, resultsQuery, roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { useLiveRoom } from '../../lib/use-live-room';
import { Controls } from './controls';
import { lengthStyle } from './length';
import { LinkAge } from './link-age';
import { Rail } from './rail';
import { PollScene, Sentence, Waiting } from './scenes';
import './screen.css';
import { SelfHealing } from './self-healing';
import { useTheme } from './use-theme';
import { useIdle, useWakeLock } from './use-wall';

const refusedAgainMs = 30_000;

export function Screen({ code }: { code: string }) {
  const { t } = useTranslation();
  const [attempt, retry] = useReducer((count: number) => count + 1, 0);
  useWakeLock();

  return (
    <SelfHealing meanwhile={<Frame head={<h1>{t('app.crashed')}</h1>} />}>
      <Wall key={attempt} code={code} onRefused={retry} />
    </SelfHealing>
  );
}

function Wall({ code, onRefused }: { code: string; onRefused: () => void }) {
  const { t } = useTranslation();
  const { link, refusal } = useLiveRoom(code, 'screen');
  const room = useQuery(roomQuery(code)).data;
  const poll = currentPoll(room, useQuery(pollsQuery(code)).data ?? []);
  const results = useQuery(resultsQuery(poll?.id ?? 0)).data;
  const name = room?.name ?? t('room.title', { code });
  useTitle(poll?.title ?? name);

  if (refusal !== null) return <Refused refusal={refusal} onAgain={onRefused} />;
  if (room === undefined) return <Frame head={<h1><bdi>{name}</bdi></h1>} foot={<Foot code={code} link={link} />} />;
  if (poll === undefined) {
    return (
      <Frame head={<Title text={name} mark={<RoomLogo code={code} />} />} foot={<Foot code={code} link={link} />}>
        <Waiting code={code} />
      </Frame>
    );
  }

  const state = currentState(poll, results);
  const parts = { code, poll, state, results };
  const head = (
    <>
      <p className="screen-room">
        <RoomLogo code={code} /> <span><bdi>{name}</bdi></span> <Chip state={state} />
      </p>
      <Title text={poll.title} />
    </>
  );
  return (
    <Frame state={state} head={head} rail={<Rail {...parts} />} foot={<Foot code={code} link={link} />}>
      <PollScene key={poll.id} poll={poll} state={state} results={results} />
    </Frame>
  );
}

/** Small at the foot: the head of the room's log, and how old the state is where the connection is lost. */
function Foot({ code, link }: { code: string; link: Link }) {
  return (
    <footer className="screen-foot">
      <LinkAge link={link} />
      <LogHead code={code} />
    </footer>
  );
}

type FrameProps = { state?: ShownState; head: ReactNode; rail?: ReactNode; foot?: ReactNode; children?: ReactNode };

function Frame({ state, head, rail, foot, children }: FrameProps) {
  const { theme, toggle } = useTheme();
  const idle = useIdle();

  return (
    <main className="screen" data-theme={theme} data-idle={idle} data-state={state}>
      {/* Before the rest: on a phone, what comes after it would push it down. */}
      <Controls theme={theme} onTheme={toggle} />
      <header className="screen-head">{head}</header>
      <div className="screen-body">{children}</div>
      {rail}
      {foot}
    </main>
  );
}

/** As large as its length allows: two lines or so, three when it is a whole sentence. */
function Title({ text, mark }: { text: string; mark?: ReactNode }) {
  return <h1 style={lengthStyle(text)}>{mark}<bdi>{text}</bdi></h1>;
}

function Chip({ state }: { state: ShownState }) {
  const { t } = useTranslation();
  return <span className="screen-chip">{t(`state.${state}`)}</span>;
}

/** The room may come back, from a backup say, while nobody is at the screen. */
function Refused({ refusal, onAgain }: { refusal: Problem; onAgain: () => void }) {
  const { t } = useTranslation();
  const { ended } = useSession();

  useEffect(() => {
    const timer = setTimeout(onAgain, refusedAgainMs);
    return () => clearTimeout(timer);
  }, [onAgain]);

  return (
    <Frame head={<h1>{t('refused.gone')}</h1>}>
      <Sentence text={ended === null ? refusal.detail : t('screen.ended')} />
    </Frame>
  );
}
