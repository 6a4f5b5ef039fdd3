// The room's polls: a list, and the one that is being run.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { EarlierPolls } from '../../components/earlier-polls';
import type { Poll } from '../../lib/contract';
import { currentState } from '../../lib/merge';
import { currentPoll } from '../../lib/polls';
import { pollsQuery, resultsQuery } from '../../lib/queries';
import { useRoomPoll } from '../../lib/use-earlier-polls';
import { listDrafts } from './agenda';
import { AgendaList } from './agenda-list';
import { useDesk } from './desk-room';
import { placeLink, usePlace } from './place';
import { PollDesk } from './poll-desk';
import { FirstSteps, PresetLinks } from './preset-links';
import { useWords } from './words';

export function PollsPlace() {
  const { t } = useWords();
  const { code, room } = useDesk();
  const { pollId } = usePlace();
  const polls = useQuery(pollsQuery(code)).data ?? [];
  const drafts = listDrafts(polls);
  const newestFirst = polls.filter(({ state }) => state !== 'draft').reverse();
  const asked = useRoomPoll(code, pollId) ?? undefined;
  const shown = asked ?? currentPoll(room, polls) ?? drafts[0] ?? newestFirst[0];

  const head = (
    <div className="row-head">
      <h2 id="polls-title">{t('desk.polls')}</h2>
      <Link className="act main" to={placeLink('new')}>
        {t('desk.newPoll')}
      </Link>
    </div>
  );
  if (polls.length === 0) {
    return (
      <section className="stack" aria-labelledby="polls-title">
        {head}
        <FirstSteps screen={`/r/${code}/screen`} />
        <EarlierPolls code={code} className="act" />
      </section>
    );
  }

  return (
    <div className="desk-polls" data-asked={asked !== undefined}>
      <section className="polls-list stack" aria-labelledby="polls-title">
        {head}
        <PresetLinks />
        {drafts.length > 0 && <AgendaList drafts={drafts} shown={shown} />}
        {drafts.length > 0 && newestFirst.length > 0 && <h3>{t('desk.opened')}</h3>}
        <ul className="stack tight">
          {newestFirst.map((poll) => (
            <PollLine key={poll.id} poll={poll} isShown={poll === shown} onScreen={poll.id === room.current_poll} />
          ))}
        </ul>
        <EarlierPolls code={code} className="act" />
      </section>
      {shown && (
        <div className="polls-shown">
          <Link className="polls-back" to={placeLink('polls')}>
            {t('desk.allPolls')}
          </Link>
          <PollDesk key={shown.id} poll={shown} />
        </div>
      )}
    </div>
  );
}

/** The verdicts that are told without a name. */
const listed = ['carried', 'rejected', 'no_quorum'] as const;

function PollLine({ poll, isShown, onScreen }: { poll: Poll; isShown: boolean; onScreen: boolean }) {
  const { t } = useWords();
  const results = useQuery(resultsQuery(poll.id)).data;
  const state = currentState(poll, results);
  const verdict = listed.find((each) => each === results?.verdict);

  return (
    <li>
      <Link className="poll-line" to={placeLink('poll', poll.id)} aria-current={isShown ? 'true' : undefined}>
        <span className="poll-line-title"><bdi>{poll.title}</bdi></span>
        <span className="facts">
          <span className="chip" data-state={state}>
            {t(`translation:state.${state}`)}
          </span>
          {verdict && <span className="chip">{t(`translation:verdict.${verdict}`)}</span>}
          {onScreen && <span className="chip">{t('desk.onScreen')}</span>}
          {poll.follows !== null && <span className="hint">{t('desk.follows')}</span>}
        </span>
      </Link>
    </li>
  );
}
