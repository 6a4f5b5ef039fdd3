// What a ballot says, in words.
import { useTranslation } from 'react-i18next';

import { wordCandidate } from '../../lib/answers';
import type { Marks, Poll } from '../../lib/contract';
import { isBlank } from './marks';

export function MarksList({ poll, marks }: { poll: Poll; marks: Marks }) {
  const { t } = useTranslation();
  const nameOf = (id: number | string) => {
    const candidate = poll.candidates.find((candidate) => candidate.id === Number(id));
    return candidate && wordCandidate(t, candidate);
  };
  if (isBlank(marks)) return <p>{t('poll.blankBallot')}</p>;
  if ('scores' in marks) {
    return (
      <ul className="marks">
        {Object.entries(marks.scores).map(([id, points]) => (
          <li key={id}>
            <bdi>{nameOf(id)}</bdi> <strong>{t('poll.points', { count: points })}</strong>
          </li>
        ))}
      </ul>
    );
  }
  const List = poll.method === 'ranked' ? 'ol' : 'ul';
  return (
    <List className="marks">
      {marks.choices.map((id, index) => (
        <li key={id}>
          {poll.method === 'ranked' && <strong>{index + 1}. </strong>}
          <bdi>{nameOf(id)}</bdi>
        </li>
      ))}
    </List>
  );
}
