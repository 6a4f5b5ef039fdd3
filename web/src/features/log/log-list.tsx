// The entries of a log, the newest first, a part at a time.
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Awaited } from '../../components/awaited';
import { shortHash } from '../../components/log-head';
import type { Head, LogEntry, Room } from '../../lib/contract';
import { formatTime } from '../../lib/format';
import { pollsQuery } from '../../lib/queries';
import { saveFile } from '../../lib/save-file';
import { useSession } from '../../lib/session';
import { fetchLast, fetchTitles, fetchWholeLog } from './api';
import { describeAct, describeActor, describeMore } from './entry-words';
import { useFaultText, useWords } from './words';

const partLength = 100;

type LogListProps = { code: string; head: Head; room: Room | undefined };

export function LogList({ code, head, room }: LogListProps) {
  const { t } = useWords();
  const { token } = useSession();
  const faultText = useFaultText();
  const [count, setCount] = useState(partLength);
  const { data, error } = useQuery({
    queryKey: ['mine', token, 'log', code, head.hash, count],
    queryFn: () => fetchLast(code, head, count),
    placeholderData: keepPreviousData,
  });
  const polls = useTitles(code, data?.items ?? []);
  const saving = useMutation({
    mutationFn: () => fetchWholeLog(code),
    onSuccess: (file) => saveFile(file, `log-${code}.json`),
  });

  if (error !== null) return <p className="fault">{faultText(error)}</p>;
  if (head.n === 0) return <p className="card empty">{t('empty')}</p>;
  if (data === undefined) return <Awaited />;

  const known = { names: data.names, polls };
  const first = data.items[0]?.n ?? 1;
  return (
    <>
      <dl className="log-facts">
        <dt>{t('entries')}</dt>
        <dd>{head.n}</dd>
        <dt>{t('hash')}</dt>
        <dd>
          <code translate="no">{head.hash}</code>
        </dd>
      </dl>
      <p className="hint">{t('hashHint')}</p>
      <div className="log-ways screen-only">
        <button type="button" className="secondary" onClick={() => window.print()}>
          {t('print')}
        </button>
        <button type="button" className="secondary" aria-disabled={saving.isPending} onClick={() => !saving.isPending && saving.mutate()}>
          {t('save')}
        </button>
      </div>
      <div role="status">{saving.error && <p className="fault">{faultText(saving.error)}</p>}</div>
      <ol className="log-list" reversed start={head.n}>
        {[...data.items].reverse().map((entry) => (
          <Entry key={entry.n} entry={entry} known={known} room={room} />
        ))}
      </ol>
      {first > 1 && (
        <button type="button" className="secondary screen-only" onClick={() => setCount(count + partLength)}>
          {t('older', { count: first - 1 })}
        </button>
      )}
    </>
  );
}

/** The titles of the polls that entries are about, by id: those of earlier polls are asked for. */
function useTitles(code: string, entries: LogEntry[]): ReadonlyMap<number, string> {
  const { token } = useSession();
  const known = new Map((useQuery(pollsQuery(code)).data ?? []).map(({ id, title }) => [id, title]));
  const named = entries.map(({ data }) => data.poll).filter((id) => typeof id === 'number');
  const missing = [...new Set(named)].filter((id) => !known.has(id)).sort((a, b) => b - a);
  const asked = useQuery({
    queryKey: ['mine', token, 'titles', code, missing],
    queryFn: () => fetchTitles(code, missing),
    enabled: missing.length > 0,
    placeholderData: keepPreviousData,
  }).data;
  return new Map([...(asked ?? []), ...known]);
}

type EntryProps = { entry: LogEntry; known: Parameters<typeof describeAct>[1]; room: Room | undefined };

function Entry({ entry, known, room }: EntryProps) {
  const { t, language } = useWords();
  const { t: shared } = useTranslation();

  return (
    <li className="log-entry" value={entry.n}>
      <p>
        <strong>
          <bdi>{describeActor(entry.actor, known, t)}</bdi>
        </strong>{' '}
        <bdi>{describeAct(entry, known, t)}</bdi>
      </p>
      {describeMore(entry, known, t, shared).map((line) => (
        <p key={line} className="hint">
          <bdi>{line}</bdi>
        </p>
      ))}
      <p className="log-when">
        <span>{t('number', { n: entry.n })}</span> · <time dateTime={entry.at}>{formatTime(entry.at, language, room?.timezone)}</time> ·{' '}
        <code translate="no">{shortHash(entry.hash)}</code>
      </p>
    </li>
  );
}
