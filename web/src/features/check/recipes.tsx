// The API's way: what this page just asked, and the same steps with this room's own ids.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { currentPoll } from '../../lib/polls';
import { pollsQuery, roomQuery } from '../../lib/queries';
import { useSteps } from '../../lib/trail';
import { Snippet } from './snippet';
import { exampleMarks, toCurl, toEntry, toSocket } from './snippets';

export function Recipes({ code }: { code: string }) {
  const { t } = useTranslation();
  const { origin } = window.location;
  const room = useQuery(roomQuery(code)).data;
  const signedIn = room?.visibility === 'members';
  const polls = useQuery(pollsQuery(code)).data ?? [];
  const poll = currentPoll(room, polls) ?? polls.find(({ state }) => state !== 'draft');
  // Of an unlisted room, polls are seen by who names it.
  const named = room?.visibility === 'unlisted' ? code : null;
  const get = (path: string, room: string | null = null) => toCurl(origin, { method: 'GET', path, room, signedIn });

  return (
    <section className="card stack" aria-labelledby="recipes-title">
      <h2 id="recipes-title">{t('developer.recipes')}</h2>
      <Snippet title={t('developer.enter')} text={toEntry(origin, code, poll)} />
      <Snippet title={t('developer.room')} text={get(`/rooms/${code}`)} />
      {poll && (
        <>
          <Snippet
            title={t('developer.vote')}
            text={toCurl(origin, {
              method: 'PUT',
              path: `/polls/${poll.id}/ballot`,
              body: exampleMarks(poll),
              room: named,
              signedIn: true,
            })}
          />
          <Snippet title={t('developer.results')} text={get(`/polls/${poll.id}/results`, named)} />
        </>
      )}
      <Snippet title={t('developer.follow')} text={toSocket(origin, code)} />
    </section>
  );
}

export function Trail() {
  const { t } = useTranslation();
  const { origin } = window.location;
  const steps = useSteps();

  return (
    <section className="card stack" aria-labelledby="trail-title">
      <h2 id="trail-title">{t('developer.trail')}</h2>
      <p className="hint">{t(steps.length === 0 ? 'developer.noTrail' : 'developer.trailHint')}</p>
      {steps.map((step) => (
        <Snippet
          key={step.id}
          title={`${step.method} ${step.path} → ${step.status}`}
          text={toCurl(origin, step)}
        />
      ))}
    </section>
  );
}
