// Says what polls do: openings, pauses, closes and who won. Only what changed since the page was opened.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { announce } from '../../lib/announcing';
import type { Poll, PollState, Results } from '../../lib/contract';
import { currentState } from '../../lib/merge';
import { pollsQuery, resultsQuery } from '../../lib/queries';
import { tellChange } from './poll-news';

export function usePollNews(code: string): void {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const states = useRef<Map<number, PollState> | null>(null);

  useEffect(() => {
    const look = () => {
      const polls = cache.getQueryData(pollsQuery(code).queryKey);
      if (polls === undefined) return;
      const resultsOf = (poll: Poll): Results | undefined => cache.getQueryData(resultsQuery(poll.id).queryKey);
      const now = new Map(polls.map((poll) => [poll.id, currentState(poll, resultsOf(poll))]));
      const before = states.current;
      states.current = now;
      if (before === null) return;
      for (const poll of polls) {
        const state = now.get(poll.id) ?? poll.state;
        for (const { key, values } of tellChange(poll, before.get(poll.id), state, resultsOf(poll))) {
          announce(t(key, values));
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
