// Paging back in the conversation.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { ask } from '../../lib/api';
import { mergeMessages } from '../../lib/merge';
import { messagesQuery } from '../../lib/queries';

const pageSize = 50;

/** `count` is how many messages there are: a snapshot that is not full holds them all. */
export function useOlder(code: string, token: string | null, count: number) {
  const cache = useQueryClient();
  const { mutate, data, isPending } = useMutation({
    networkMode: 'always',
    mutationFn: (before: number) =>
      ask('GET', `/rooms/${code}/messages?before=${before}&limit=${pageSize}`, { token }),
    onSuccess: ({ items }) => {
      cache.setQueryData(messagesQuery(code, token).queryKey, (kept) => mergeMessages(kept ?? [], items));
    },
  });

  return {
    load: (before: number) => {
      if (!isPending) mutate(before);
    },
    loading: isPending,
    more: data === undefined ? count >= pageSize : data.items.length === pageSize,
  };
}
