// Paging back in the conversation.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { ask } from '../../lib/api';
import type { Message } from '../../lib/contract';
import { removedLinesQuery } from '../../lib/queries';
import { makeRoomCache } from '../../lib/room-cache';

const pageSize = 50;

/** A snapshot that is not full holds all messages; so does what begins with the first line of a page that is not full. */
export function useOlder(code: string, token: string | null, messages: readonly Message[]) {
  const cache = useQueryClient();
  const removed = useQuery(removedLinesQuery(code, token)).data?.ids.length ?? 0;
  const { mutate, data, isPending, variables: asked } = useMutation({
    networkMode: 'always',
    mutationFn: (before: number) =>
      ask('GET', `/rooms/${code}/messages?before=${before}&limit=${pageSize}`, { token }),
    onSuccess: ({ items }) => makeRoomCache(cache, code, token).keepMessages(items),
  });
  const first = messages[0]?.id;
  const begins = data !== undefined && data.items.length < pageSize && first === (data.items[0]?.id ?? asked);

  return {
    load: (before: number) => {
      if (!isPending) mutate(before);
    },
    loading: isPending,
    more: data === undefined ? messages.length + removed >= pageSize : !begins,
  };
}
