// One of the candidates (plurality, motion) or some of them (approval), as one group of radios or checkboxes.
import { useTranslation } from 'react-i18next';

import { CandidateName } from '../../components/candidate-name';
import { wordCandidate } from '../../lib/answers';
import { marksOne, mostMarks, toggleChoice, type MarkingProps } from './marks';

export function ChoiceList({ poll, marks, onMarks, disabled, describedBy }: MarkingProps<number[]>) {
  const { t } = useTranslation();
  const one = marksOne(poll);

  const choose = (candidateId: number) => {
    const next = toggleChoice(poll, marks, candidateId);
    if (next.length > mostMarks(poll)) onMarks({ choices: marks }, 'tooMany');
    else onMarks({ choices: next });
  };

  return (
    <fieldset className="choices" disabled={disabled} aria-describedby={describedBy}>
      <legend>{t(`poll.ask.${poll.method}`)}</legend>
      {poll.max_choices !== null && !one && (
        <p className="hint marked">{t('poll.markedOf', { count: marks.length, max: poll.max_choices })}</p>
      )}
      {poll.candidates.map((candidate) => (
        <label key={candidate.id} className="choice">
          <input
            type={one ? 'radio' : 'checkbox'}
            name={`poll-${poll.id}`}
            value={candidate.id}
            checked={marks.includes(candidate.id)}
            onChange={() => choose(candidate.id)}
          />
          <CandidateName candidate={candidate} name={wordCandidate(t, candidate)} />
        </label>
      ))}
      {poll.max_choices === null && !one && <p className="hint marked">{t('poll.marked', { count: marks.length })}</p>}
    </fieldset>
  );
}
