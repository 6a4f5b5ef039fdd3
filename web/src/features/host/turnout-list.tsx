// Who has not voted yet; never what anybody voted, and in a secret poll only as far as it could not tell that.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Field } from '../../components/fields';
import type { Poll, ShownState } from '../../lib/contract';
import { formatCount } from '../../lib/format';
import { nameApart } from '../../lib/names';
import { useDesk } from './desk-room';
import { turnoutQuery } from './queries';
import { useWords } from './words';

/** A list longer than this gets a field to search it. */
const searchable = 12;

export function TurnoutList({ poll, state, version }: { poll: Poll; state: ShownState; version: number }) {
  const { t, language } = useWords();
  const { token } = useDesk();
  const turnout = useQuery(turnoutQuery(poll.id, token, version)).data;
  const [sought, setSought] = useState('');
  if (turnout === undefined) return null;

  const { voted, eligible, people } = turnout;
  // Who was removed can't vote any more: nobody need wait for them.
  const waiting = (people?.filter((person) => !person.voted) ?? []).sort((a, b) => Number(a.removed) - Number(b.removed));
  const shown = waiting.filter((person) => person.name.toLowerCase().includes(sought.trim().toLowerCase()));
  const names = nameApart(people ?? []);
  const title = state === 'closed' || state === 'counting' ? 'turnout.didNot' : 'turnout.notYet';

  return (
    <section className="card stack" aria-labelledby={`poll-${poll.id}-turnout`}>
      <h3 id={`poll-${poll.id}-turnout`}>{t(people === null ? 'turnout.title' : title)}</h3>
      <p className="big-number">
        {eligible === null
          ? t('turnout.voted', { count: voted })
          : t('turnout.votedOf', {
              voted: formatCount(voted, language),
              eligible: formatCount(eligible, language),
            })}
      </p>
      {people === null && <p className="hint">{t(poll.secrecy === 'secret' ? 'turnout.secret' : 'turnout.unknown')}</p>}
      {people !== null && poll.eligibility !== 'roll' && <p className="hint">{t('turnout.onlyHere')}</p>}
      {people !== null && waiting.length === 0 && <p>{t('turnout.everybody')}</p>}
      {waiting.length > searchable && (
        <Field
          label={t('turnout.search')}
          type="search"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
      )}
      {shown.length > 0 && (
        <ul className="names" aria-label={t(title)}>
          {shown.map(({ id, removed }) => (
            <li key={id}>
              <bdi>{names.get(id)}</bdi> {removed && <span className="badge-plain">{t('turnout.removed')}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
