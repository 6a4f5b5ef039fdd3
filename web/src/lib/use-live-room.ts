// A room followed for as long as a component is shown.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { followRoom, type Live } from './follow-room';
import { useSession } from './session';
import { socket } from './socket';

/** Tells how the connection is; what the room tells lies in the query cache. */
export function useLiveRoom(code: string, as?: 'screen'): Live {
  const cache = useQueryClient();
  const { token } = useSession();
  const { language } = useTranslation().i18n;
  const [live, setLive] = useState<Live>({ link: 'connecting', refusal: null });

  // Another token or language is another conversation: the server is told of both at connecting.
  useEffect(() => {
    const { refresh, stop } = followRoom({ socket, cache, code, token, as, tell: setLive });
    const wake = () => {
      if (document.visibilityState === 'visible') refresh();
    };
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    return () => {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      stop();
    };
  }, [cache, code, token, as, language]);

  return live;
}
