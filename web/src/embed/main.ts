// The tally in other people's pages: /r/<code>/embed?poll=7&lang=en&theme=dark. It stores nothing and takes no input.
import { readRoomCode } from '../lib/code';
import { openSocket } from '../lib/open-socket';
import { draw } from './draw';
import { followPoll } from './follow';
import { readWords } from './words';
import './embed.css';

const query = new URLSearchParams(window.location.search);
// As with the hall's screen, a token stands behind the #, so that no server and no log sees it.
const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
document.documentElement.dataset.theme = query.get('theme') === 'dark' ? 'dark' : 'light';
const main = document.querySelector('main');
const code = readRoomCode(window.location.pathname.split('/')[2] ?? '');
const wished = query.get('poll');

async function read<T>(path: string): Promise<T> {
  const headers = { ...(code !== null && { 'Room-Code': code }), ...(token !== null && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(path, { headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function start(): Promise<void> {
  if (main === null) return;
  const words = await readWords(query.get('lang'));
  document.documentElement.lang = words.language;
  if (code === null || (wished !== null && !/^\d{1,15}$/.test(wished))) {
    draw(main, { poll: null, results: null, colour: null, lost: false, missing: true }, words);
    return;
  }
  followPoll({
    socket: openSocket(() => ({ lang: words.language, token })),
    code,
    pollId: wished === null ? null : Number(wished),
    read,
    show: (shown) => draw(main, shown, words),
  });
}

void start();
