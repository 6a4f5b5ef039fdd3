// The candidates to mark, in the way that the poll's method asks for.
import type { Marks, Poll } from '../../lib/contract';
import { ChoiceList } from './choice-list';
import type { Fault } from './marks';
import { RankList } from './rank-list';
import { ScoreList } from './score-list';

export type MarkingProps<M> = {
  poll: Poll;
  marks: M;
  /** `fault` tells of a mark that the poll does not allow, and that was not made. */
  onMarks: (marks: Marks, fault?: Fault | null) => void;
  disabled: boolean;
  describedBy: string | undefined;
};

export function Marking({ marks, ...rest }: MarkingProps<Marks>) {
  if ('scores' in marks) return <ScoreList marks={marks.scores} {...rest} />;
  const List = rest.poll.method === 'ranked' ? RankList : ChoiceList;
  return <List marks={marks.choices} {...rest} />;
}
