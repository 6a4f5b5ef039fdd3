// What a stranger may know of a room before coming in.
import { useQuery } from '@tanstack/react-query';

import { ask } from '../../lib/api';
import type { Room } from '../../lib/contract';
import { roomQuery } from '../../lib/queries';

/** The room as it was followed last, else as strangers see it; null where they see none, undefined until that is known, or asked. */
export function useEntryRoom(code: string, asked = true): Room | null | undefined {
  const known = useQuery(roomQuery(code)).data;
  const seen = useQuery({
    queryKey: ['entry', code],
    queryFn: () => ask('GET', `/rooms/${code}`, { token: null }),
    enabled: asked && known === undefined,
    networkMode: 'always',
    retry: false,
  });
  return known ?? seen.data ?? (seen.isPending ? undefined : null);
}
