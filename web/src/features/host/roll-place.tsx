// The roll: who may vote here, as a list to search, and the ways to change it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { Field, Pick } from '../../components/fields';
import { askFile } from '../../lib/api';
import type { Poll, Row, Turnout } from '../../lib/contract';
import { formatCount } from '../../lib/format';
import { nameApart } from '../../lib/names';
import { presenceQuery } from '../../lib/queries';
import { useDesk } from './desk-room';
import { findRows } from './find-rows';
import { everybody, filterRows, sortRows, type Order, type Wanted } from './order-rows';
import { placeLink } from './place';
import { rollQuery } from './queries';
import { RemovedMembers } from './removed-members';
import { RollImport } from './roll-import';
import { RollTable } from './roll-table';
import { RowButton } from './row-dialog';
import { saveFile } from '../../lib/save-file';
import { useAct } from './use-act';
import { useVoted } from './use-voted';
import { useFaultText, useWords } from './words';

/** More than this many rows are found by searching, not by scrolling. */
const shownRows = 100;

export function RollPlace() {
  const { t, language } = useWords();
  const { code, token } = useDesk();
  const faultText = useFaultText();
  const roll = useQuery(rollQuery(code, token));
  const [sought, setSought] = useState('');
  const [wanted, setWanted] = useState(everybody);
  const [order, setOrder] = useState<Order>(null);
  const save = useAct(async (form: 'csv' | 'xlsx') =>
    saveFile(await askFile(`/rooms/${code}/roll.${form}`), `roll-${code}.${form}`),
  );
  const rows = roll.data ?? [];
  const { poll, turnout, voted } = useVoted();
  const found = sortRows(filterRows(findRows(rows, sought), wanted, voted), order, voted, language);

  return (
    <div className="stack">
      <div className="row-head">
        <h2>{t('desk.roll')}</h2>
        <div className="steps">
          <RowButton label={t('roll.add')} />
          <a className="act roll-import-way" href="#roll-import">
            {t('roll.import')}
          </a>
          <Link className="act" to={placeLink('codes')}>
            {t('roll.codes')}
          </Link>
          {(['xlsx', 'csv'] as const).map((form) => (
            <button key={form} type="button" className="act" onClick={() => save.mutate(form)}>
              {t(`roll.${form}`)}
            </button>
          ))}
        </div>
      </div>
      {roll.data && (
        <ul className="facts">
          <Glance rows={rows} poll={poll} turnout={turnout} />
          <li>{t('roll.voters', { count: rows.filter((row) => row.role === 'voter').length })}</li>
          <li>{t('roll.hosts', { count: rows.filter((row) => row.role === 'host').length })}</li>
          <li>{t('roll.observers', { count: rows.filter((row) => row.role === 'observer').length })}</li>
          <li>{t('roll.claimed', { count: rows.filter((row) => row.claimed).length })}</li>
        </ul>
      )}
      {roll.error && <p className="fault">{faultText(roll.error)}</p>}
      <div role="alert">{save.error && <p className="fault">{faultText(save.error)}</p>}</div>
      {/* All at once: what was drawn before the list came would be pushed about by it. */}
      {!roll.isPending && (
        <div className="roll-columns">
          <section className="card stack" aria-labelledby="roll-rows">
            <h3 id="roll-rows">{t('roll.people')}</h3>
            <Field
              label={t('roll.search')}
              type="search"
              value={sought}
              onChange={(event) => setSought(event.target.value)}
            />
            <RollFilters wanted={wanted} onWanted={setWanted} knowsVotes={voted !== null} />
            <p className="hint" role="status">
              {found.length > shownRows
                ? t('roll.shownOf', { shown: shownRows, found: found.length })
                : t('roll.found', { count: found.length })}
            </p>
            <RollTable
              rows={found.slice(0, shownRows)}
              names={nameApart(rows)}
              voted={voted}
              order={order}
              onOrder={setOrder}
            />
            <RemovedMembers />
          </section>
          <RollImport />
        </div>
      )}
    </div>
  );
}

/** Who is here and who has voted, in numbers. */
function Glance({ rows, poll, turnout }: { rows: readonly Row[]; poll: Poll | undefined; turnout: Turnout | undefined }) {
  const { t, language } = useWords();
  const { code } = useDesk();
  const present = useQuery(presenceQuery(code)).data?.present ?? 0;
  const number = (count: number) => formatCount(count, language);

  return (
    <>
      <li>{t('roll.present', { count: present })}</li>
      <li>{t('roll.here', { here: number(rows.filter((row) => row.checked_in).length), all: number(rows.length) })}</li>
      {poll !== undefined && turnout?.eligible != null && (
        <li>
          {t('roll.turnout', {
            title: poll.title,
            voted: number(turnout.voted),
            eligible: number(turnout.eligible),
          })}
        </li>
      )}
    </>
  );
}

type RollFiltersProps = { wanted: Wanted; onWanted: (wanted: Wanted) => void; knowsVotes: boolean };

function RollFilters({ wanted, onWanted, knowsVotes }: RollFiltersProps) {
  const { t } = useWords();
  const roles = ['host', 'voter', 'observer'] as const;
  const all = { value: '' as const, label: t('roll.all') };

  return (
    <div className="beside roll-filters">
      <Pick
        label={t('roll.column_role')}
        value={wanted.role}
        options={[all, ...roles.map((value) => ({ value, label: t(`roll.role_${value}`) }))]}
        onPick={(role) => onWanted({ ...wanted, role })}
      />
      <Pick
        label={t('roll.column_checked_in')}
        value={wanted.here}
        options={[all, { value: 'yes', label: t('roll.isHere') }, { value: 'no', label: t('roll.isNotHere') }]}
        onPick={(here) => onWanted({ ...wanted, here })}
      />
      {knowsVotes && (
        <Pick
          label={t('roll.column_voted')}
          value={wanted.voted}
          options={[all, { value: 'yes', label: t('roll.hasVoted') }, { value: 'no', label: t('roll.hasNotVoted') }]}
          onPick={(voted) => onWanted({ ...wanted, voted })}
        />
      )}
    </div>
  );
}
