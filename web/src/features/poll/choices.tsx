// The candidates of a plurality poll as one group of radios.
import { useTranslation } from 'react-i18next';

import type { Poll } from '../../lib/contract';

type ChoicesProps = {
  poll: Poll;
  choice: number | null;
  onChoice: (candidateId: number) => void;
  disabled: boolean;
  describedBy: string | undefined;
};

export function Choices({ poll, choice, onChoice, disabled, describedBy }: ChoicesProps) {
  const { t } = useTranslation();

  return (
    <fieldset className="choices" disabled={disabled} aria-describedby={describedBy}>
      <legend>{t('poll.candidates')}</legend>
      {poll.candidates.map((candidate) => (
        <label key={candidate.id} className="choice">
          <input
            type="radio"
            name={`poll-${poll.id}`}
            value={candidate.id}
            checked={choice === candidate.id}
            onChange={() => onChoice(candidate.id)}
          />
          <span>
            <span className="choice-name">{candidate.name}</span>
            {candidate.description && <span className="hint">{candidate.description}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
