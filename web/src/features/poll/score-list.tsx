// Points for each candidate: stars where there are few, numbers where there are more, a slider where there are many.
import { useTranslation } from 'react-i18next';

import { CandidateName } from '../../components/candidate-name';
import type { Candidate } from '../../lib/contract';
import { giveScore, type MarkingProps } from './marks';

const stars = 5;
const buttons = 10;

type Given = { candidate: Candidate; max: number; points: number | null; onPoints: (points: number | null) => void };

export function ScoreList({ poll, marks, onMarks, disabled, describedBy }: MarkingProps<Record<string, number>>) {
  const { t } = useTranslation();
  const Scale = poll.score_max <= buttons ? Buttons : Slider;

  return (
    <fieldset className="choices" disabled={disabled} aria-describedby={describedBy}>
      <legend>{t('poll.ask.score')}</legend>
      {poll.candidates.map((candidate) => (
        <Scale
          key={candidate.id}
          candidate={candidate}
          max={poll.score_max}
          points={marks[candidate.id] ?? null}
          onPoints={(points) => onMarks({ scores: giveScore(marks, candidate.id, points) })}
        />
      ))}
      <p className="hint">{t('poll.scoreHint', { max: poll.score_max })}</p>
    </fieldset>
  );
}

function Buttons({ candidate, max, points, onPoints }: Given) {
  const { t } = useTranslation();
  const starry = max <= stars;

  return (
    <fieldset className="score">
      <legend>
        <CandidateName candidate={candidate} />
      </legend>
      <div className="score-scale" data-stars={starry}>
        {Array.from({ length: max + 1 }, (_, value) => (
          <label key={value} data-lit={points !== null && value > 0 && value <= points}>
            <input
              type="radio"
              className="unseen"
              name={`score-${candidate.id}`}
              value={value}
              checked={points === value}
              onChange={() => onPoints(value)}
            />
            <span aria-hidden="true">{starry && value > 0 ? '★' : value}</span>
            <span className="unseen">{t('poll.points', { count: value })}</span>
          </label>
        ))}
      </div>
      <Given points={points} onPoints={onPoints} candidate={candidate} />
    </fieldset>
  );
}

function Slider({ candidate, max, points, onPoints }: Given) {
  const { t } = useTranslation();

  return (
    <div className="score">
      <label>
        <CandidateName candidate={candidate} />
        <input
          type="range"
          min={0}
          max={max}
          value={points ?? 0}
          aria-valuetext={points === null ? t('poll.noPoints') : t('poll.points', { count: points })}
          onChange={(event) => onPoints(Number(event.target.value))}
        />
      </label>
      <Given points={points} onPoints={onPoints} candidate={candidate} />
    </div>
  );
}

/** What was given, in words, and the way to take it back: a group of radios has none. */
function Given({ candidate, points, onPoints }: Omit<Given, 'max'>) {
  const { t } = useTranslation();

  return (
    <p className="score-given">
      <span aria-hidden="true">{points === null ? t('poll.noPoints') : t('poll.points', { count: points })}</span>
      <button
        type="button"
        className="link"
        aria-label={t('poll.unscoreOf', { name: candidate.name })}
        data-unused={points === null}
        disabled={points === null}
        onClick={() => onPoints(null)}
      >
        {t('poll.unscore')}
      </button>
    </p>
  );
}
