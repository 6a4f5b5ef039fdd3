// The rooms that one has a part in, and the way to make another.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ask } from '../../lib/api';
import type { Room } from '../../lib/contract';
import { useGuestHosts } from '../../lib/queries';
import { listHosted, useSession } from '../../lib/session';
import { StartRoom } from './start-room';

type Part = { items: Room[]; next: number | string | null };

/** Those that one is on the roll of, the newest first. */
async function fetchMyRooms(): Promise<Room[]> {
  const mine: Room[] = [];
  let cursor: number | string | null = 0;
  while (cursor !== null) {
    const part: Part = await ask('GET', `/rooms?mine=1&cursor=${cursor}`);
    mine.push(...part.items);
    cursor = part.next;
  }
  return mine.reverse();
}

type Line = Pick<Room, 'code' | 'name'>;

export function MyRooms() {
  const { t } = useTranslation();
  const { token, seat } = useSession();
  const startsHere = useGuestHosts() && token === null;
  const hosted: Line[] = listHosted().map(([code, { hosts = code }]) => ({ code, name: hosts }));
  const rooms = useQuery({ queryKey: ['mine', token, 'rooms'], queryFn: fetchMyRooms, enabled: token !== null && seat === null }).data;
  const back = { back: { to: '/?new', state: null } };

  return (
    <section className="card stack" aria-labelledby="my-rooms">
      <h2 id="my-rooms">{t('home.rooms')}</h2>
      {hosted.length + (rooms?.length ?? 0) > 0 && (
        <ul className="stack">
          {[...hosted, ...(rooms ?? [])].map((room) => (
            <li key={room.code}>
              <Link className="room-line" to={`/r/${room.code}`}>
                <strong><bdi>{room.name}</bdi></strong>
                <span className="hint" translate="no">
                  {room.code}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {rooms?.length === 0 && hosted.length === 0 && <p className="hint">{t('home.noRooms')}</p>}
      {startsHere && <StartRoom />}
      <Link className={startsHere ? 'more-link' : 'button secondary'} {...(token === null ? { to: '/signin', state: back } : { to: '/?new' })}>
        {t(startsHere ? 'home.makeRoomSignedIn' : 'home.makeRoom')}
      </Link>
    </section>
  );
}
