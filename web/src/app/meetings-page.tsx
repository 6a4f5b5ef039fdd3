// The meetings of a room and their minutes, for everybody who may see the room.
import { useQuery } from '@tanstack/react-query';

import { MeetingsView } from '../features/meeting/meetings';
import { roomQuery } from '../lib/queries';
import { useLiveRoom } from '../lib/use-live-room';
import { RefusedPage } from './refused-page';

export function MeetingsPage({ code }: { code: string }) {
  const { link, refusal } = useLiveRoom(code);
  const room = useQuery(roomQuery(code)).data;
  if (refusal !== null) return <RefusedPage code={code} refusal={refusal} known={room !== undefined} />;

  return <MeetingsView code={code} link={link} />;
}
