// What a host can do about a line of the chat: remove it, and mute who wrote it.
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { AskOnce } from '../../components/ask-once';
import type { Message } from '../../lib/contract';
import { isolate } from '../../lib/isolate';
import { makeRoomCache } from '../../lib/room-cache';
import { roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { useQuery } from '@tanstack/react-query';
import { mutedKey, mutePerson, removeLine } from './api';

export default function LineOrder({ code, message, mine }: { code: string; message: Message; mine: boolean }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const cache = useQueryClient();
  const minutes = useQuery(roomQuery(code)).data?.mute_minutes ?? null;
  const { author, text, id } = message;

  const remove = async () => {
    await removeLine(code, id);
    makeRoomCache(cache, code, token).dropMessage(id);
  };
  const mute = async () => {
    await mutePerson(code, author.id);
    await cache.invalidateQueries({ queryKey: mutedKey(code, token) });
  };

  return (
    <div className="line-order" role="group" aria-label={isolate(author.name)}>
      <AskOnce label={t('chat.remove')} title={t('chat.removeTitle')} confirm={t('chat.remove')} danger act={remove}>
        <p className="chat-text">
          <bdi>{text}</bdi>
        </p>
        <p>{t('chat.removeBody')}</p>
      </AskOnce>
      {!mine && (
        <AskOnce label={t('chat.mute')} title={t('chat.muteTitle', { name: author.name })} confirm={t('chat.mute')} act={mute}>
          <p>{minutes === null ? t('chat.muteBody') : t('chat.muteBodyFor', { count: minutes })}</p>
        </AskOnce>
      )}
    </div>
  );
}
