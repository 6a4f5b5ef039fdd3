// Who is online: told live while the room is small, asked for page by page where it is large.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { PersonName } from '../../components/person-name';
import { ask } from '../../lib/api';
import type { Person } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { numberNamesakes } from '../../lib/names';
import { presenceQuery, youQuery } from '../../lib/queries';
import { isMarked } from '../../lib/roles';
import { useSession } from '../../lib/session';
import { sortPeople } from '../../lib/sort-people';
import './people.css';

type PeopleProps = { code: string; shown: boolean };

export function People({ code, shown }: PeopleProps) {
  const { t } = useTranslation();
  const { token } = useSession();
  const you = useQuery(youQuery(code, token)).data;
  const people = useQuery(presenceQuery(code)).data?.people;
  const outside = you === undefined || you.role === 'stranger' || you.role === 'visitor';

  return (
    <section className="card people" aria-labelledby="people-title">
      <h2 id="people-title">{t('people.title')}</h2>
      {outside && <p className="hint">{t('people.hidden')}</p>}
      {!outside && people && <PeopleList people={people} mine={you.person} />}
      {!outside && people === null && <ManyPeople code={code} token={token} mine={you.person} shown={shown} />}
    </section>
  );
}

function ManyPeople({ code, token, mine, shown }: PeopleProps & { token: string | null; mine: string | null }) {
  const { t } = useTranslation();
  const pages = useInfiniteQuery({
    queryKey: ['mine', token, 'people', code],
    enabled: shown,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam === null ? '' : `&cursor=${pageParam}`;
      return ask('GET', `/rooms/${code}/presence?limit=200${cursor}`, { token });
    },
    getNextPageParam: (page) => page.next,
  });
  const people = pages.data?.pages.flatMap((page) => page.people ?? []) ?? [];

  return (
    <>
      {pages.isPending && shown && <p className="hint">{t('app.loading')}</p>}
      {pages.error && <p className="fault">{describeFault(pages.error, t)}</p>}
      {pages.data && <PeopleList people={people} mine={mine} />}
      <div className="people-buttons">
        {pages.hasNextPage && (
          <button type="button" className="secondary" onClick={() => void pages.fetchNextPage()}>
            {t('people.more')}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => void pages.refetch()}>
          {t('people.again')}
        </button>
      </div>
    </>
  );
}

function PeopleList({ people, mine }: { people: Person[]; mine: string | null }) {
  const { t, i18n } = useTranslation();
  const numbers = numberNamesakes(people);
  if (people.length === 0) return <p className="hint">{t('people.none')}</p>;

  return (
    <ul className="people-list">
      {sortPeople(people, i18n.language).map((person) => (
        <li key={person.id} data-status={person.status}>
          <span className="people-dot" aria-hidden="true" />
          <PersonName name={person.name} number={numbers.get(person.id)} />
          {person.id === mine && <span className="badge-plain">{t('people.you')}</span>}
          {isMarked(person.role) && <span className="badge-plain">{t(`people.${person.role}`)}</span>}
          <span className={person.status === 'away' ? 'people-away' : 'unseen'}>{t(`people.${person.status}`)}</span>
        </li>
      ))}
    </ul>
  );
}
