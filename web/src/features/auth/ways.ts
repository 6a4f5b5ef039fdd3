// Which way into a room is shown first. Pure.
import type { Way } from '../../lib/back';
import type { Poll } from '../../lib/contract';

const wayOf = { roll: 'code', anyone: 'guest', accounts: 'account' } as const;

/** The one that was asked for; else the one that lets vote in what is open; else a guest's, else a code's. */
export function firstWay(ways: Way[], asked: Way | undefined, polls: Pick<Poll, 'state' | 'eligibility'>[]): Way {
  const open = polls.filter(({ state }) => state === 'open' || state === 'paused').map(({ eligibility }) => wayOf[eligibility]);
  const wanted = [asked, ...(['code', 'guest', 'account'] as const).filter((way) => open.includes(way)), 'guest', 'code'];
  return ways.find((way) => way === wanted.find((each) => ways.includes(each as Way))) ?? 'code';
}
