// Says what polls do: openings, pauses, closes and who won. Only what changed since the page was opened.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { announce } from '../../lib/announcing';
import type { Poll, ShownState, Results, Verdict } from '../../lib/contract';
import { currentState } from '../../lib/merge';
import { pollsQuery, resultsQuery } from '../../lib/queries';
import { isNewVerdict, joinSentences, wordQuorum, wordVerdict } from '../../lib/verdicts';
import { tellChange } from './poll-news';

type Known = { state: ShownState; verdict: Verdict | null | undefined };

export function usePollNews(code: string): void {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const known = useRef<Map<number, Known> | null>(null);

  useEffect(() => {
    const look = () => {
      const polls = cache.getQueryData(pollsQuery(code).queryKey);
      if (polls === undefined) return;
      const resultsOf = (poll: Poll): Results | undefined => cache.getQueryData(resultsQuery(poll.id).queryKey);
      const before = known.current;
      known.current = new Map();
      for (const poll of polls) {
        const results = resultsOf(poll);
        const was = before?.get(poll.id);
        const now = { state: currentState(poll, results), verdict: results?.verdict };
        known.current.set(poll.id, now);
        if (before === null) continue;
        tellChange(poll, was?.state, now.state).forEach(({ key, values }) => announce(t(key, values)));
        if (results && isNewVerdict(was?.verdict, now.verdict)) {
          const words = joinSentences([...wordVerdict(t, results), wordQuorum(t, results)]);
          announce(was?.state === now.state ? t('room.verdict', { title: poll.title, words }) : words);
        }
      }
    };
    look();
    return cache.getQueryCache().subscribe(({ type, query }) => {
      const [kind] = query.queryKey as readonly unknown[];
      if (type === 'updated' && (kind === 'polls' || kind === 'results')) look();
    });
  }, [cache, code, t]);
}
