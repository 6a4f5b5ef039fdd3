// The API's way of doing what the page does, as lines to paste. Pure.
import type { Marks, Poll } from '../../lib/contract';

type Request = { method: string; path: string; body?: unknown; key?: string | null; signedIn?: boolean; room?: string | null };

const quote = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;

/** A request as curl sends it; the token is the shell's `$TOKEN`. */
export function toCurl(origin: string, { method, path, body, key = null, signedIn = false, room = null }: Request): string {
  const parts = [
    `curl -s${method === 'GET' ? '' : ` -X ${method}`} ${quote(origin + path)}`,
    ...(signedIn ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(room === null ? [] : [`-H ${quote(`Room-Code: ${room}`)}`]),
    ...(key === null ? [] : [`-H ${quote(`Idempotency-Key: ${key}`)}`]),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(body))}`]),
  ];
  return parts.join(' \\\n  ');
}

/** Marks that the poll takes, for an example. */
export function exampleMarks({ method, candidates, score_max }: Poll): Marks {
  const ids = candidates.map(({ id }) => id);
  if (method === 'score') return { scores: Object.fromEntries(ids.slice(0, 2).map((id, i) => [id, i ? 1 : score_max])) };
  return { choices: ids.slice(0, method === 'plurality' || method === 'motion' ? 1 : 2) };
}

/** Signing in for a token, where a poll asks for an account; a guest's name where it does not. */
export function toEntry(origin: string, code: string, poll: Poll | undefined): string {
  const guest = poll?.eligibility === 'anyone';
  const request = guest
    ? { method: 'POST', path: `/rooms/${code}/guests`, body: { nickname: 'Ada' } }
    : { method: 'POST', path: '/auth/login', body: { email: 'ada@example.org', password: 'correct-horse' } };
  return guest
    ? `TOKEN=$(${toCurl(origin, request)} \\\n  | python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])')`
    : `TOKEN=$(${toCurl(origin, request)})`;
}

/** A page of one's own that follows the room. */
export function toSocket(origin: string, code: string): string {
  return `import { io } from 'socket.io-client';

const socket = io('${origin}', { auth: { token, lang: 'en' } });
socket.on('connect', async () => {
  const { ok, polls, results, error } = await socket.emitWithAck('room:join', { room: '${code}' });
  console.log(ok ? { polls, results } : error);
});
// Keep the one with the greatest (epoch, version).
socket.on('tally:update', (results) => console.log(results.poll, results.version, results.tally));
socket.on('presence:diff', ({ online, present }) => console.log(online, present));`;
}
