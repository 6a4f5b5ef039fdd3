// The two newest looks at how the server is, one every two seconds while the page is seen.
import { useQuery } from '@tanstack/react-query';

import { fetchStatus } from './api';
import type { Looks } from './status';

const everyMs = 2_000;

export function useLooks(token: string) {
  return useQuery<Looks>({
    queryKey: ['mine', token, 'status'],
    queryFn: async ({ client, queryKey }) => ({
      before: client.getQueryData<Looks>(queryKey)?.now ?? null,
      now: await fetchStatus(),
    }),
    refetchInterval: everyMs,
    structuralSharing: false,
    retry: false,
    networkMode: 'always',
  });
}
