// The roll: who may vote here, as a list to search, and the ways to change it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { Field } from '../../components/fields';
import { askFile } from '../../lib/api';
import type { Row } from '../../lib/contract';
import { isolate } from '../../lib/isolate';
import { nameApart } from '../../lib/names';
import { makeCodes, removeRow } from './api';
import { useDesk } from './desk-room';
import { findRows } from './find-rows';
import { placeLink } from './place';
import { removedQuery, rollQuery, slipsQuery } from './queries';
import { RemovedMembers } from './removed-members';
import { RollImport } from './roll-import';
import { RowButton } from './row-dialog';
import { saveFile } from '../../lib/save-file';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

/** More than this many rows are found by searching, not by scrolling. */
const shownRows = 100;

export function RollPlace() {
  const { t } = useWords();
  const { code, token } = useDesk();
  const faultText = useFaultText();
  const roll = useQuery(rollQuery(code, token));
  const [sought, setSought] = useState('');
  const save = useAct(async (form: 'csv' | 'xlsx') =>
    saveFile(await askFile(`/rooms/${code}/roll.${form}`), `roll-${code}.${form}`),
  );
  const rows = roll.data ?? [];
  const found = findRows(rows, sought);

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
            <p className="hint" role="status">
              {found.length > shownRows
                ? t('roll.shownOf', { shown: shownRows, found: found.length })
                : t('roll.found', { count: found.length })}
            </p>
            <RollRows rows={found.slice(0, shownRows)} names={nameApart(rows)} />
            <RemovedMembers />
          </section>
          <RollImport />
        </div>
      )}
    </div>
  );
}

function RollRows({ rows, names }: { rows: Row[]; names: Map<number, string> }) {
  const { t } = useWords();

  return (
    <ul className="roll-rows">
      {rows.map((row) => (
        <li key={row.id} className="roll-row">
          <div className="roll-who">
            <strong><bdi>{row.name}</bdi></strong>
            <span className="facts">
              {[row.ref, row.email, t(`roll.role_${row.role}`), row.claimed ? t('roll.isClaimed') : null]
                .filter((fact) => fact !== null)
                .map((fact) => (
                  <span key={fact}><bdi>{fact}</bdi></span>
                ))}
              {Object.entries(row.columns).map(([called, cell]) => (
                <span key={`${called}:`}>
                  <bdi>{called}</bdi>: <bdi>{cell}</bdi>
                </span>
              ))}
            </span>
          </div>
          <RowSteps row={row} name={names.get(row.id) ?? row.name} />
        </li>
      ))}
    </ul>
  );
}

function RowSteps({ row, name }: { row: Row; name: string }) {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const navigate = useNavigate();

  const drop = async () => {
    await removeRow(code, row.id);
    say(t('roll.removed', { name: row.name }));
    await cache.invalidateQueries(rollQuery(code, token));
    await cache.invalidateQueries(removedQuery(code, token));
  };
  const makeCode = async () => {
    const { items } = await makeCodes(code, [row.id]);
    cache.setQueryData(slipsQuery(code, token).queryKey, items);
    void navigate(placeLink('codes'));
  };

  return (
    <div className="steps" role="group" aria-label={isolate(name)}>
      <RowButton label={t('roll.edit')} row={row} />
      <AskOnce label={t('roll.newCode')} title={t('roll.newCodeTitle', { name })} confirm={t('roll.newCode')} act={makeCode}>
        <p>{t('roll.newCodeBody')}</p>
      </AskOnce>
      <AskOnce
        label={t('roll.remove')}
        title={t('roll.removeTitle', { name })}
        confirm={t('roll.remove')}
        danger
        act={drop}
      >
        <p>{t('roll.removeBody')}</p>
      </AskOnce>
    </div>
  );
}
