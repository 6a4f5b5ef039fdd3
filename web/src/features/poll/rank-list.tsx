// Ranking: candidates are added best first, and moved by dragging, by buttons or by the arrow keys. Each move is said.
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { CandidateName } from '../../components/candidate-name';
import { announce } from '../../lib/announcing';
import { useDrag } from '../../lib/use-drag';
import { mostMarks, moveRank, type MarkingProps } from './marks';

export function RankList({ poll, marks, onMarks, disabled, describedBy }: MarkingProps<number[]>) {
  const { t } = useTranslation();
  const group = useRef<HTMLFieldSetElement>(null);
  const nameOf = (id: number) => poll.candidates.find((candidate) => candidate.id === id)?.name ?? '';
  const left = poll.candidates.filter(({ id }) => !marks.includes(id));

  const move = (from: number, to: number) => {
    const next = moveRank(marks, from, to);
    const id = marks[from];
    if (id === undefined || next.indexOf(id) === from) return;
    onMarks({ choices: next });
    announce(t('poll.ranked', { name: nameOf(id), place: next.indexOf(id) + 1 }));
  };
  const drag = useDrag(marks.length, move);

  const add = (id: number) => {
    if (marks.length >= mostMarks(poll)) {
      onMarks({ choices: marks }, 'tooMany');
      return;
    }
    onMarks({ choices: [...marks, id] });
    announce(t('poll.ranked', { name: nameOf(id), place: marks.length + 1 }));
    // The pressed button is gone: the place goes to the next one that can be added, or to what was added last.
    keepPlace(`[data-add]:not([data-add="${id}"])`, `[data-handle="${id}"]`);
  };

  const remove = (id: number) => {
    onMarks({ choices: marks.filter((each) => each !== id) });
    announce(t('poll.unranked', { name: nameOf(id) }));
    keepPlace(`[data-add="${id}"]`);
  };

  const keepPlace = (...wishes: string[]) => {
    requestAnimationFrame(() => {
      const found = wishes.map((wish) => group.current?.querySelector<HTMLElement>(wish)).find(Boolean);
      found?.focus({ preventScroll: true });
    });
  };

  return (
    <fieldset ref={group} className="choices ranking" disabled={disabled} aria-describedby={describedBy}>
      <legend>{t('poll.ask.ranked')}</legend>
      {poll.max_choices !== null && (
        <p className="hint marked">{t('poll.markedOf', { count: marks.length, max: poll.max_choices })}</p>
      )}
      {marks.length > 0 && (
        <ol className="ranks" data-dragging={drag.dragging !== null}>
          {marks.map((id, index) => (
            <li key={id} ref={drag.rowRef(index)} style={drag.style(index)} data-dragged={drag.dragging === index}>
              <button
                type="button"
                className="rank-handle"
                data-handle={id}
                {...drag.handle(index)}
              >
                <span className="unseen">{t('poll.rankHandle', { name: nameOf(id), place: index + 1 })}</span>
                <span aria-hidden="true" className="rank-place">
                  {index + 1}
                </span>
                <span aria-hidden="true" className="rank-grip">
                  ⠿
                </span>
              </button>
              <span className="choice-name"><bdi>{nameOf(id)}</bdi></span>
              <span className="rank-buttons">
                <button
                  type="button"
                  aria-label={t('poll.rankUp', { name: nameOf(id) })}
                  aria-disabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  ↑
                </button>
                <button
                  type="button"
                  aria-label={t('poll.rankDown', { name: nameOf(id) })}
                  aria-disabled={index === marks.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  ↓
                </button>
                <button type="button" aria-label={t('poll.rankRemove', { name: nameOf(id) })} onClick={() => remove(id)}>
                  ✕
                </button>
              </span>
            </li>
          ))}
        </ol>
      )}
      {left.length > 0 && (
        <div className="unranked">
          {marks.length > 0 && <p className="hint">{t('poll.unrankedOnes')}</p>}
          {left.map((candidate) => (
            <button
              key={candidate.id}
              type="button"
              className="choice"
              data-add={candidate.id}
              onClick={() => add(candidate.id)}
            >
              <span className="rank-add" aria-hidden="true">
                {marks.length + 1}
              </span>
              <span>
                <span className="unseen">{t('poll.rankAdd', { place: marks.length + 1 })} </span>
                <CandidateName candidate={candidate} />
              </span>
            </button>
          ))}
        </div>
      )}
      <p className="hint">{t('poll.rankHint')}</p>
    </fieldset>
  );
}
