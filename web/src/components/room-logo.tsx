// A room's logo, beside its name, which says what it is. Its place is kept, so that nothing moves when it is there.
import { useQuery } from '@tanstack/react-query';

import { roomQuery } from '../lib/queries';

/** `logo` is the key of a picture. `printed`: on a sheet, which is printed whether it was in sight or not. */
export function Logo({ logo, printed = false }: { logo: string | null; printed?: boolean }) {
  if (logo === null) return null;

  return (
    <img
      className="room-logo"
      src={`/pictures/${logo}`}
      alt=""
      width={320}
      height={320}
      loading={printed ? 'eager' : 'lazy'}
      decoding="async"
    />
  );
}

export function RoomLogo({ code, printed = false }: { code: string; printed?: boolean }) {
  const logo = useQuery(roomQuery(code)).data?.logo ?? null;
  return <Logo logo={logo} printed={printed} />;
}
