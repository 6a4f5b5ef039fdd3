// The one socket. Nobody else opens one; lib/follow-room.ts is who listens to it.
import { NoAnswer, Refusal } from './api';
import type { Ack, ClientEvents } from './contract';
import { currentLanguage } from './i18n';
import { openSocket } from './open-socket';
import { getSession } from './session';

export type { RollcallSocket } from './open-socket';

const answerMs = 10_000;

export const socket = openSocket(() => ({ lang: currentLanguage(), token: getSession().token }));

type Said<E extends keyof ClientEvents> = Parameters<ClientEvents[E]>[0];

/** Says something to the server; gives its answer, or throws `Refusal` or `NoAnswer`. Nothing is said twice. */
export async function say<E extends keyof ClientEvents, T>(event: E, body: Said<E>): Promise<T> {
  // Without this the client would keep it, and say it whenever it is connected again.
  if (!socket.connected) throw new NoAnswer('not connected');
  let answer: Ack<T>;
  try {
    const sender = socket.timeout(answerMs) as unknown as {
      emitWithAck: (event: string, body: unknown) => Promise<Ack<T>>;
    };
    answer = await sender.emitWithAck(event, body);
  } catch (fault) {
    throw new NoAnswer('no answer', { cause: fault });
  }
  if (!answer.ok) throw new Refusal(answer.error);
  return answer;
}
