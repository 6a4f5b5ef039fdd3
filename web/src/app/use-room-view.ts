// Whether a room's address shows the voter's page or the host's desk.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'react-router';

import { youQuery } from '../lib/queries';
import { useSession } from '../lib/session';

type Arrival = { token: string | null; wantsDesk: boolean };

/** Hosts arrive at their desk. Who becomes host while at the ballot stays there: nothing is taken out of their hands. */
export function useRoomView(code: string): { isHost: boolean; atDesk: boolean } {
  const location = useLocation();
  const carriesNothing = (location.state as unknown) === null;
  const { token } = useSession();
  const role = useQuery(youQuery(code, token)).data?.role;
  const [arrival, setArrival] = useState<Arrival>();
  const isHost = role === 'host';
  const asked = new URLSearchParams(location.search).get('desk');

  // A choice that was carried through signing in comes as state: then it is the ballot that one wants.
  if (role !== undefined && arrival?.token !== token) setArrival({ token, wantsDesk: isHost && carriesNothing });

  return { isHost, atDesk: isHost && (asked === null ? arrival?.wantsDesk === true : asked !== 'off') };
}
