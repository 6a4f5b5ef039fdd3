// Members who came to the roll after a poll had opened: they have no vote in it, unless a host admits them.
import { useQuery } from '@tanstack/react-query';

import { AskOnce } from '../../components/ask-once';
import type { Poll } from '../../lib/contract';
import { nameApart } from '../../lib/names';
import { admitRow } from './api';
import { useDesk } from './desk-room';
import { PersonRow } from './person-row';
import { electorateQuery, rollQuery } from './queries';
import { useWords } from './words';

/** More than this many stand on the roll with their own page; here the host admits one after the other. */
const shownMembers = 50;

export function LateMembers({ poll }: { poll: Poll }) {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const roll = useQuery(rollQuery(code, token)).data;
  const electorate = useQuery(electorateQuery(poll.id, token, poll.electorate?.admitted ?? 0)).data;
  if (roll === undefined || electorate === undefined) return null;

  const members = new Set(electorate.members.map(([row]) => row));
  const late = roll.filter(({ id, role }) => role !== 'observer' && !members.has(id));
  const names = nameApart(roll);
  if (late.length === 0) return null;

  return (
    <section className="card stack" aria-labelledby={`poll-${poll.id}-late`}>
      <h3 id={`poll-${poll.id}-late`}>{t('late.title')}</h3>
      <p className="hint">{t('late.hint')}</p>
      <ul className="roll-rows">
        {late.slice(0, shownMembers).map((row) => {
          const name = names.get(row.id) ?? row.name;
          return (
            <PersonRow key={row.id} name={name}>
              <AskOnce
                label={t('late.admit')}
                title={t('late.admitTitle', { name })}
                confirm={t('late.admit')}
                act={async () => {
                  await admitRow(poll.id, row.id);
                  say(t('late.admitted', { name }));
                }}
              >
                <p>{t('late.admitBody')}</p>
              </AskOnce>
            </PersonRow>
          );
        })}
      </ul>
      {late.length > shownMembers && (
        <p className="hint">{t('roll.shownOf', { shown: shownMembers, found: late.length })}</p>
      )}
    </section>
  );
}
