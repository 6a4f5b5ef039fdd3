// The candidates: typed one by one, moved with buttons, or pasted as a list.
import { useRef, useState } from 'react';

import { Area, Field } from '../../components/fields';
import {
  chooseMethod,
  moveCandidate,
  newCandidate,
  pasteCandidates,
  type CandidateFields,
  type FieldsProps,
} from './poll-fields';
import { CandidateMore } from './candidate-more';
import { useWords } from './words';

export function CandidatesField({ fields, onFields, faults }: FieldsProps) {
  const { t } = useWords();
  const rows = fields.candidates;
  const list = useRef<HTMLOListElement>(null);
  const [pasted, setPasted] = useState<string | null>(null);
  const put = (candidates: CandidateFields[]) => onFields({ ...fields, candidates });
  const change = (at: number, part: Partial<CandidateFields>) =>
    put(rows.map((row, position) => (position === at ? { ...row, ...part } : row)));

  /** After React has drawn the rows: the keyboard's place goes with what was moved. */
  const focus = (selector: string) =>
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(selector)?.focus());

  const move = (from: number, to: number, button: 'up' | 'down') => {
    put(moveCandidate(rows, from, to));
    focus(`[data-row="${to}"] [data-move="${button}"]`);
  };
  const add = () => {
    put([...rows, newCandidate()]);
    focus(`[data-row="${rows.length}"] input`);
  };
  const remove = (at: number) => {
    put(rows.filter((_, position) => position !== at));
    focus(`[data-row="${Math.max(at - 1, 0)}"] input`);
  };

  return (
    <fieldset className="candidates">
      <legend>{t('form.candidates')}</legend>
      {faults.candidates && <p className="fault"><bdi>{faults.candidates}</bdi></p>}
      <ol ref={list} className="stack tight">
        {rows.map((row, at) => (
          <li key={row.key} className="candidate" data-row={at}>
            <Field
              label={t('form.candidateName', { number: at + 1 })}
              fault={faults[`candidates.${at}.name`]}
              value={row.name}
              autoComplete="off"
              onChange={(event) => change(at, { name: event.target.value })}
            />
            <div className="candidate-moves">
              <button
                type="button"
                className="act icon"
                data-move="up"
                aria-disabled={at === 0}
                aria-label={t('form.up', { number: at + 1 })}
                onClick={() => at > 0 && move(at, at - 1, 'up')}
              >
                ↑
              </button>
              <button
                type="button"
                className="act icon"
                data-move="down"
                aria-disabled={at === rows.length - 1}
                aria-label={t('form.down', { number: at + 1 })}
                onClick={() => at < rows.length - 1 && move(at, at + 1, 'down')}
              >
                ↓
              </button>
              <button
                type="button"
                className="act icon"
                aria-label={t('form.remove', { number: at + 1 })}
                onClick={() => remove(at)}
              >
                ×
              </button>
            </div>
            <CandidateMore
              row={row}
              number={at + 1}
              faults={{ description: faults[`candidates.${at}.description`], picture: faults[`candidates.${at}.picture`] }}
              onChange={(part) => change(at, part)}
            />
          </li>
        ))}
      </ol>
      <div className="steps">
        <button type="button" className="act" onClick={add}>
          {t('form.addCandidate')}
        </button>
        {pasted === null && (
          <button type="button" className="act" onClick={() => setPasted('')}>
            {t('form.pasteList')}
          </button>
        )}
        {rows.every((row) => row.name === '') && (
          <button
            type="button"
            className="act"
            onClick={() => {
              onFields(chooseMethod(fields, 'motion'));
              // This field goes: the keyboard's place is where the choice can be changed.
              const form = list.current?.closest('form');
              requestAnimationFrame(() => form?.querySelector<HTMLElement>('[data-preset="motion"], summary')?.focus());
            }}
          >
            {t('form.yesNo')}
          </button>
        )}
      </div>
      {pasted !== null && (
        <div className="stack tight">
          <Area
            label={t('form.pasteLabel')}
            hint={t('form.pasteHint')}
            rows={5}
            // eslint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for
            autoFocus
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
          />
          <div className="steps">
            <button
              type="button"
              className="act main"
              onClick={() => {
                put(pasteCandidates(rows, pasted));
                setPasted(null);
              }}
            >
              {t('form.pasteAdd')}
            </button>
            <button type="button" className="act" onClick={() => setPasted(null)}>
              {t('translation:app.cancel')}
            </button>
          </div>
        </div>
      )}
    </fieldset>
  );
}
