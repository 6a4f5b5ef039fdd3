// Checking people in at the door: a few letters, one tap, and the last one can be taken back.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import type { Row } from '../../lib/contract';
import { nameApart } from '../../lib/names';
import { changeRow } from './api';
import { useDesk } from './desk-room';
import { findRows } from './find-rows';
import { rollQuery } from './queries';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

const shownRows = 60;

export function Door() {
  const { t } = useWords();
  const { code, token } = useDesk();
  const cache = useQueryClient();
  const faultText = useFaultText();
  const { queryKey } = rollQuery(code, token);
  const rows = useQuery(rollQuery(code, token)).data ?? [];
  const [sought, setSought] = useState('');
  const [last, setLast] = useState<Row | null>(null);
  const field = useRef<HTMLDivElement>(null);
  const found = findRows(rows, sought);
  const names = nameApart(rows);
  const here = rows.filter((row) => row.checked_in).length;

  const check = useAct(
    ({ row, present }: { row: Row; present: boolean }) => changeRow(code, row.id, { checked_in: present }),
    (told) => {
      cache.setQueryData(queryKey, (kept) => kept?.map((row) => (row.id === told.id ? told : row)));
      setLast(told);
    },
  );
  const take = (row: Row) => {
    check.mutate({ row, present: !row.checked_in });
    setSought('');
    field.current?.querySelector('input')?.focus();
  };
  const takeOnly = () => {
    const [only, ...others] = found;
    if (only && others.length === 0 && !only.checked_in) take(only);
  };

  return (
    <section className="stack door" aria-labelledby="door-title">
      <div className="row-head">
        <h2 id="door-title">{t('desk.door')}</h2>
        <p className="big-number">{t('door.here', { here, all: rows.length })}</p>
      </div>
      <Form onSend={takeOnly} className="door-search">
        <div ref={field}>
          <Field
            label={t('door.search')}
            hint={t('door.searchHint')}
            type="search"
            autoComplete="off"
            // eslint-disable-next-line jsx-a11y/no-autofocus -- a queue is waiting
            autoFocus
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
        </div>
      </Form>
      <div role="status" className="door-last">
        {last && (
          <p className="said">
            {t(last.checked_in ? 'door.came' : 'door.went', { name: names.get(last.id) ?? last.name })}
            {last.checked_in && (
              <button
                type="button"
                className="act"
                onClick={() => check.mutate({ row: last, present: false })}
              >
                {t('door.undo')}
              </button>
            )}
          </p>
        )}
      </div>
      <div role="alert">{check.error && <p className="fault">{faultText(check.error)}</p>}</div>
      {rows.length === 0 && <p className="card empty">{t('door.empty')}</p>}
      {rows.length > 0 && found.length === 0 && <p className="card empty">{t('door.nobody')}</p>}
      <ul className="door-rows">
        {found.slice(0, shownRows).map((row) => (
          <li key={row.id}>
            <button
              type="button"
              className="door-row"
              aria-pressed={row.checked_in}
              onClick={() => take(row)}
            >
              <span>
                <strong><bdi>{row.name}</bdi></strong> <span className="hint"><bdi>{row.ref}</bdi></span>
              </span>
              <span className="door-state">{t(row.checked_in ? 'door.isHere' : 'door.checkIn')}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > shownRows && <p className="hint">{t('roll.shownOf', { shown: shownRows, found: found.length })}</p>}
    </section>
  );
}
