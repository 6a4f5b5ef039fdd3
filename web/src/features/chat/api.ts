// What hosts do to keep order in the chat.
import { ask } from '../../lib/api';
import type { MutedPerson } from '../../lib/contract';
import { everyPage } from '../../lib/every-page';

export const fetchMuted = (code: string) => everyPage<MutedPerson>(`/rooms/${code}/muted`);
export const mutePerson = (code: string, person: string) => ask('PUT', `/rooms/${code}/muted/${person}`);
export const endMute = (code: string, person: string) => ask('DELETE', `/rooms/${code}/muted/${person}`);
export const removeLine = (code: string, id: number) => ask('DELETE', `/rooms/${code}/messages/${id}`);

export const mutedKey = (code: string, token: string | null) => ['mine', token, 'muted', code] as const;
