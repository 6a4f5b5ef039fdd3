// Accounts and guests in a poll that isn't the roll's: who is new, and keeping one from voting.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { AskOnce } from '../../components/ask-once';
import { Field } from '../../components/fields';
import type { Poll } from '../../lib/contract';
import { nameApart } from '../../lib/names';
import { meQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { barPerson, endBar } from './api';
import { useDesk } from './desk-room';
import { listParticipants, type Participant } from './participants';
import { PersonRow } from './person-row';
import { barredQuery, newcomersQuery, turnoutQuery, visitsQuery } from './queries';
import { useFaultText, useWords } from './words';

/** More than this many are found by searching, not by scrolling. */
const shownPeople = 50;

export function ParticipantsList({ poll, version }: { poll: Poll; version: number }) {
  const { t, language } = useWords();
  const { code, token } = useDesk();
  const faultText = useFaultText();
  const attendance = useQuery(visitsQuery(code, token));
  const turnout = useQuery(turnoutQuery(poll.id, token, version)).data;
  const barred = useQuery(barredQuery(code, token));
  const newcomers = useQuery(newcomersQuery(poll.id, token)).data ?? [];
  const { seat } = useSession();
  const me = useQuery({ ...meQuery(token), enabled: seat === null }).data;
  const [sought, setSought] = useState('');
  if (attendance.data === undefined || barred.data === undefined) {
    const fault = attendance.error ?? barred.error;
    return fault && <p className="fault">{faultText(fault)}</p>;
  }

  const sources = {
    attendance: attendance.data,
    voters: turnout?.people ?? null,
    barred: barred.data,
    newcomers,
    openedAt: poll.opened_at,
  };
  const people = listParticipants(sources, language)
    .filter(({ id }) => id !== `u${me?.id}`)
    .map((each) => ({ ...each, name: each.name ?? t('participants.deleted') }));
  const wanted = sought.trim().toLowerCase();
  const found = people.filter(({ name }) => name.toLowerCase().includes(wanted));
  const names = nameApart(people);

  return (
    <section className="card stack" aria-labelledby={`poll-${poll.id}-participants`}>
      <h3 id={`poll-${poll.id}-participants`}>{t('participants.title')}</h3>
      <p className="hint">{t('participants.hint')}</p>
      {sources.voters === null && <p className="hint">{t('participants.untold')}</p>}
      {people.length > shownPeople && (
        <Field
          label={t('turnout.search')}
          type="search"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
      )}
      <p className="hint" role="status">
        {found.length > shownPeople
          ? t('roll.shownOf', { shown: shownPeople, found: found.length })
          : t('roll.found', { count: found.length })}
      </p>
      <ul className="roll-rows">
        {found.slice(0, shownPeople).map((each) => (
          <ParticipantRow key={each.id} each={each} name={names.get(each.id) ?? each.name} />
        ))}
      </ul>
    </section>
  );
}

function ParticipantRow({ each, name }: { each: Participant; name: string }) {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const isGuest = each.id.startsWith('g');
  const facts = [
    t(isGuest ? 'participants.guest' : 'participants.account'),
    each.voted === true && t('participants.voted'),
    each.isMade && t('participants.made'),
    each.isUnseen && t('participants.unseen'),
    each.isNew && t('participants.new'),
  ];
  const step = each.isBarred ? 'letIn' : 'bar';

  const act = async () => {
    await (each.isBarred ? endBar : barPerson)(code, each.id);
    void cache.invalidateQueries(barredQuery(code, token));
    say(t(`participants.${step}Done`, { name }));
  };

  return (
    <PersonRow name={name} facts={facts} mark={each.isBarred ? t('participants.barred') : undefined}>
      <AskOnce
        label={t(`participants.${step}`)}
        title={t(`participants.${step}Title`, { name })}
        confirm={t(`participants.${step}`)}
        danger={step === 'bar'}
        act={act}
      >
        <p>{t(step === 'bar' && isGuest ? 'participants.barBodyGuest' : `participants.${step}Body`)}</p>
      </AskOnce>
    </PersonRow>
  );
}
