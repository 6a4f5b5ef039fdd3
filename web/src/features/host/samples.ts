// Polls and results for tests.
import type { Poll, Results } from '../../lib/contract';

export function makePoll(over: Partial<Poll> = {}): Poll {
  return {
    id: 7,
    room: 'K7M2QX',
    title: 'Chair',
    description: '',
    follows: null,
    method: 'plurality',
    seats: 1,
    max_choices: null,
    score_max: 5,
    candidates: [
      { id: 1, name: 'Ada', description: '', answer: null, picture: null },
      { id: 2, name: 'Noah', description: 'again', answer: null, picture: null },
    ],
    eligibility: 'roll',
    require_presence: false,
    secrecy: 'secret',
    results: 'closed',
    published: false,
    allow_change: true,
    threshold: null,
    rule: null,
    quorum_rule: 'record',
    place: null,
    opens_at: null,
    closes_at: null,
    state: 'draft',
    reason: null,
    missed_opening: false,
    meeting: null,
    electorate: null,
    opened_at: null,
    closed_at: null,
    quorum: { required: null, present_at_open: null, present_at_close: null, present: null, met: null },
    ...over,
  };
}

export function makeResults(votes: Record<number, number>, over: Partial<Results> = {}): Results {
  return {
    ...{ poll: 7, state: 'closed', epoch: 1, version: 1, method: 'plurality' },
    ...{ ballots: 9, blank: 0, eligible: 12, turnout: 0.75, rounds: null, threshold: null, digest: 'd' },
    tally: Object.entries(votes).map(([candidate, number]) => ({
      ...{ candidate: Number(candidate), name: `c${candidate}`, votes: number, share: 0, passed: true, answer: null, picture: null },
    })),
    winners: [],
    tied: [],
    verdict: 'elected',
    quorum: null,
    server_time: '2026-11-20T09:00:00.000Z',
    ...over,
  };
}
