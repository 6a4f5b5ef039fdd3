// What only hosts are told.
import type { Candidate, Method, Results, Threshold } from '../../lib/contract';

export type RowRole = 'host' | 'voter' | 'observer';

export type Row = {
  id: number;
  name: string;
  email: string | null;
  ref: string | null;
  role: RowRole;
  claimed: boolean;
  checked_in: boolean;
};

export type RollChange = { added: number; changed: number; removed: number; encoding: string | null };
export type CodeSlip = { id: number; name: string; ref: string | null; code: string };
export type Attended = { person: string; name: string; first: string; last: string; seconds: number };

/** `people` is null where who has voted would tell how. */
export type Turnout = {
  voted: number;
  eligible: number | null;
  people: { id: string; name: string; voted: boolean }[] | null;
};

export type PollRecord = {
  poll: number;
  question: { title: string; description: string };
  method: Method;
  rules: {
    seats: number;
    max_choices: number | null;
    score_max: number;
    threshold: Threshold | null;
    present: number | null;
    eligible: number | null;
  };
  candidates: Candidate[];
  ballots: { receipt: string }[];
  result: Pick<Results, 'rounds' | 'winners' | 'tied'> & { ballots: number; blank: number };
  digest: string;
};
