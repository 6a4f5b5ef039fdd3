// Who stands, by the numbers of the ballot, while their votes are hidden.
import type { Poll } from '../../lib/contract';
import { Bars } from './bars';
import type { Row } from './rows';

export function Candidates({ poll }: { poll: Poll }) {
  const rows = poll.candidates.map(
    ({ id, name }, index): Row => ({
      ...{ id, name, place: index + 1, votes: 0, gained: 0, share: null },
      ...{ passed: null, measured: false, outcome: null, outIn: null },
    }),
  );
  return <Bars rows={rows} bare plain numbered candidates={poll.candidates} method={poll.method} ballots={0} most={0} line={null} />;
}
