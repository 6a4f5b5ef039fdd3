// The polls on a phone: one at a time, how many are left to vote in, and the way to the others.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';

import type { Poll } from '../../lib/contract';
import { youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { countLeft, nextLeft } from './left';

type OneByOneProps = {
  code: string;
  polls: Poll[];
  /** The id of the poll that was turned to; null: none yet. */
  asked: number | null;
  onTurn: (pollId: number) => void;
  children: (poll: Poll) => ReactNode;
};

export function OneByOne({ code, polls, asked, onTurn, children }: OneByOneProps) {
  const { t } = useTranslation();
  const { token } = useSession();
  const standings = useQuery(youQuery(code, token)).data?.polls;
  const at = Math.max(
    polls.findIndex(({ id }) => id === asked),
    0,
  );
  const shown = polls[at];
  if (shown === undefined) return null;

  const [before, after] = [polls[at - 1], polls[at + 1]];
  const next = standings?.[shown.id]?.voted === true ? nextLeft(polls, standings, at) : undefined;
  const turn = (poll: Poll | undefined) => {
    if (poll === undefined) return;
    flushSync(() => onTurn(poll.id));
    document.getElementById(`poll-${poll.id}-title`)?.focus();
  };
  const step = (poll: Poll | undefined, label: string, sign: string) => (
    <button type="button" className="quiet" aria-disabled={poll === undefined} aria-label={label} onClick={() => turn(poll)}>
      <span aria-hidden="true"><bdi>{sign}</bdi></span>
    </button>
  );

  return (
    <>
      {children(shown)}
      {next && (
        <button type="button" className="primary" onClick={() => turn(next)}>
          {t('room.voteNext', { title: next.title })}
        </button>
      )}
      {/* Below the poll: when another opens, nothing moves under a thumb. */}
      {polls.length > 1 && (
        <div className="one-by-one" role="group" aria-label={t('room.polls')}>
          {step(before, t('room.previousPoll'), '‹')}
          <p>{t('room.pollOf', { at: at + 1, all: polls.length, count: countLeft(polls, standings) })}</p>
          {step(after, t('room.nextPoll'), '›')}
        </div>
      )}
    </>
  );
}
