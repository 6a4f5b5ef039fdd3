// A room followed for as long as a component is shown.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { followRoom, type Following, type Live } from './follow-room';
import { roomQuery } from './queries';
import { useSession } from './session';
import { socket } from './socket';
import { useTones } from './use-tones';

/** Tells how the connection is, and how to join anew; what the room tells lies in the query cache. */
export function useLiveRoom(code: string, as?: 'screen'): Live & { refresh: () => void } {
  const cache = useQueryClient();
  const { token } = useSession();
  const { language } = useTranslation().i18n;
  const [live, setLive] = useState<Live>({ link: 'connecting', refusal: null });
  useTones(useQuery(roomQuery(code)).data?.colour ?? null);
  const following = useRef<Following | null>(null);

  // Another token or language is another conversation: the server is told of both at connecting.
  useEffect(() => {
    const followed = followRoom({ socket, cache, code, token, as, tell: setLive });
    following.current = followed;
    const look = () => {
      if (document.visibilityState === 'visible') followed.refresh();
      else followed.away();
    };
    const wake = () => {
      if (document.visibilityState === 'visible') followed.refresh();
    };
    document.addEventListener('visibilitychange', look);
    window.addEventListener('online', wake);
    return () => {
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('online', wake);
      followed.stop();
    };
  }, [cache, code, token, as, language]);

  const refresh = useCallback(() => following.current?.refresh(), []);
  return { ...live, refresh };
}
