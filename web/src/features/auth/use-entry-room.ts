// What one may know of a room before coming in.
import { useQuery } from '@tanstack/react-query';

import { ask, Refusal } from '../../lib/api';
import { useGuestKey } from '../../lib/claims';
import type { Room, RoomPreview } from '../../lib/contract';
import { roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { previewAsGuest } from './api';

/** How a room looks to somebody who comes in. */
export type RoomLook = Pick<Room, 'name' | 'logo' | 'colour'>;

/** The room as it was followed last, else as one sees it now; null where one sees none, undefined until that is known, or asked. */
export function useEntryRoom(code: string, asked = true): Room | null | undefined {
  const { token } = useSession();
  const known = useQuery(roomQuery(code)).data;
  const seen = useQuery({
    queryKey: ['mine', token, 'entry', code],
    queryFn: () => ask('GET', `/rooms/${code}`, { token }),
    enabled: asked && known === undefined,
    networkMode: 'always',
    retry: false,
  });
  return known ?? seen.data ?? (seen.isPending ? undefined : null);
}

/** The same, also where a link for guests shows what one can't see. */
export function useEntryLook(code: string, asked = true): RoomLook | null | undefined {
  const about = useEntryRoom(code, asked);
  const { look } = useInvitation(code, about === null);
  return about ?? (about === null ? look : undefined);
}

/** What the link for guests that was opened shows of its room; `over`: it shows nothing any more. */
export function useInvitation(code: string, asked: boolean): { look: RoomLook | null | undefined; over: boolean } {
  const key = useGuestKey(code);
  const shown = useQuery({
    queryKey: ['invitation', code, key],
    queryFn: () => previewAsGuest(code, key),
    enabled: asked && key !== null,
    networkMode: 'always',
    retry: false,
  });
  if (key === null) return { look: null, over: false };
  const look = shown.data ? readLook(shown.data) : shown.isPending ? undefined : null;
  return { look, over: shown.error instanceof Refusal && shown.error.problem.code === 'not_found' };
}

export const readLook = ({ room_name, room_logo, room_colour }: RoomPreview): RoomLook => ({
  name: room_name,
  logo: room_logo,
  colour: room_colour,
});
