// The candidates to mark, in the way that the poll's method asks for.
import type { Marks } from '../../lib/contract';
import { ChoiceList } from './choice-list';
import type { MarkingProps } from './marks';
import { RankList } from './rank-list';
import { ScoreList } from './score-list';

export function Marking({ marks, ...rest }: MarkingProps<Marks>) {
  if ('scores' in marks) return <ScoreList marks={marks.scores} {...rest} />;
  const List = rest.poll.method === 'ranked' ? RankList : ChoiceList;
  return <List marks={marks.choices} {...rest} />;
}
