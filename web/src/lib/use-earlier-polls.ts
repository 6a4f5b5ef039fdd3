// Polls that are not among those a page was given at first.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { announce } from './announcing';
import type { Poll } from './contract';
import { loadEarlier, loadPoll } from './earlier-polls';
import { earlierQuery, pollsQuery } from './queries';
import { useSession } from './session';

/** Whether the room has earlier polls than those that are known, and how to get some of them. */
export function useEarlierPolls(code: string) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { token } = useSession();
  const next = useQuery(earlierQuery(code)).data?.next ?? null;
  const { mutate, isPending, error } = useMutation({
    networkMode: 'always',
    mutationFn: () => loadEarlier(cache, code, token),
    onSuccess: (count) => announce(t('room.earlierShown', { count })),
  });

  return {
    more: next !== null,
    loading: isPending,
    fault: error,
    load: () => {
      if (!isPending) mutate();
    },
  };
}

/** A poll of the room, asked for where it is an earlier one; null as long as it is not known, or where there is none. */
export function useRoomPoll(code: string, pollId: number | null): Poll | null {
  const cache = useQueryClient();
  const { token } = useSession();
  const polls = useQuery(pollsQuery(code)).data;
  const known = polls?.find(({ id }) => id === pollId) ?? null;
  useQuery({
    queryKey: ['mine', token, 'poll', code, pollId],
    queryFn: () => loadPoll(cache, code, token, pollId ?? 0),
    enabled: polls !== undefined && pollId !== null && known === null,
  });
  return known;
}
