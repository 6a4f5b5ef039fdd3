// The rooms that one has a part in, and the way to make another.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ask } from '../../lib/api';
import type { Room } from '../../lib/contract';
import { useSession } from '../../lib/session';

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

export function MyRooms() {
  const { t } = useTranslation();
  const { token } = useSession();
  const rooms = useQuery({ queryKey: ['mine', token, 'rooms'], queryFn: fetchMyRooms, enabled: token !== null }).data;
  const back = { back: { to: '/?new', state: null } };

  return (
    <section className="card stack" aria-labelledby="my-rooms">
      <h2 id="my-rooms">{t('home.rooms')}</h2>
      {rooms && rooms.length > 0 && (
        <ul className="stack">
          {rooms.map((room) => (
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
      {rooms?.length === 0 && <p className="hint">{t('home.noRooms')}</p>}
      <Link className="button secondary" {...(token === null ? { to: '/signin', state: back } : { to: '/?new' })}>
        {t('home.makeRoom')}
      </Link>
    </section>
  );
}
