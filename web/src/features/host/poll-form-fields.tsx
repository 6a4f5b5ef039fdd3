// The fields of a poll, each with what it means; those that a method has no use for are not shown.
import { useState } from 'react';

import { Disclosure } from '../../components/disclosure';
import { Area, Field, Options, Pick } from '../../components/fields';
import { Toggle } from '../../components/toggle';
import type { Poll } from '../../lib/contract';
import { CandidatesField } from './candidates-field';
import { chooseMethod, chooseSecrecy, hasMaximum, hasSeats, type Eligibility, type FieldsProps, type PollFields } from './poll-fields';
import { applyPreset, findPreset, presets } from './presets';
import type { ThresholdFields } from './threshold';
import { useZoneHint } from './use-zone-hint';
import { useWords } from './words';

type PollFormFieldsProps = FieldsProps & {
  usual: Eligibility;
  /** Whether the poll is being begun: then it may start from a preset. */
  starts: boolean;
};

const methods = ['plurality', 'motion', 'approval', 'score', 'ranked'] as const;
const countings = ['irv', 'schulze'] as const;
const eligibilities = ['roll', 'accounts', 'anyone'] as const;
const secrecies = ['secret', 'named'] as const;
const policies = ['live', 'closed', 'host'] as const;

/** What stands outside the fold of the rules. */
const outside = /^(title|description|candidates)/;

export function PollFormFields({ fields, onFields, faults, usual, starts }: PollFormFieldsProps) {
  const { t } = useWords();
  const zoneHint = useZoneHint();
  const [resultsChosen, setResultsChosen] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  // A fault must not hide in what is folded.
  const isOpen = unfolded || Object.keys(faults).some((member) => !outside.test(member));
  const chosen = findPreset(fields, usual);
  const put = (change: Partial<PollFields>) => onFields({ ...fields, ...change });
  const text = (member: 'title' | 'description' | 'seats' | 'max_choices' | 'score_max' | 'opens_at' | 'closes_at') => ({
    label: t(`form.${member}`),
    fault: faults[member],
    value: fields[member],
    onChange: (event: { target: { value: string } }) => put({ [member]: event.target.value }),
  });
  const options = <V extends string>(member: string, values: readonly V[]) =>
    values.map((value) => ({
      value,
      label: t(`form.${member}_${value}` as 'form.method_ranked'),
      hint: t(`form.${member}_${value}_hint` as 'form.method_ranked_hint'),
    }));

  return (
    <div className="stack">
      {starts && (
        <div className="preset-row" role="group" aria-label={t('preset.start')}>
          {presets.map((preset) => (
            <button
              key={preset}
              type="button"
              className="act"
              data-preset={preset}
              aria-pressed={preset === chosen}
              onClick={() => onFields(applyPreset(fields, preset, usual))}
            >
              {t(`preset.${preset}`)}
            </button>
          ))}
        </div>
      )}
      <section className="card stack">
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- one came here to type it */}
        <Field {...text('title')} autoComplete="off" autoFocus={starts} />
        <Area {...text('description')} rows={2} />
        {fields.method !== 'motion' && <CandidatesField fields={fields} onFields={onFields} faults={faults} />}
      </section>
      <Disclosure
        className="poll-form-rules"
        open={isOpen}
        onToggle={setUnfolded}
        summary={t('form.rulesAre', {
          method: t(`form.method_${fields.method}`),
          eligibility: t(`form.eligibility_${fields.eligibility}`),
          secrecy: t(`form.secrecy_${fields.secrecy}`),
          results: t(`form.results_${fields.results}`),
        })}
      >
        <div className="stack">
      <section className="card stack">
        <Options
          legend={t('form.method')}
          value={fields.method}
          options={options('method', methods)}
          onPick={(method) => onFields(chooseMethod(fields, method))}
          fault={faults.method}
        >
          <div className="beside">
            {fields.method === 'ranked' && (
              <Pick
                label={t('form.rule')}
                hint={t(`form.rule_${fields.rule}_hint`)}
                fault={faults.rule}
                value={fields.rule}
                options={countings.map((rule) => ({ value: rule, label: t(`form.rule_${rule}`) }))}
                onPick={(rule) => put({ rule })}
              />
            )}
            {hasSeats(fields.method) && <Field {...text('seats')} hint={t('form.seats_hint')} inputMode="numeric" />}
            {hasMaximum(fields.method) && (
              <Field {...text('max_choices')} hint={t('form.max_choices_hint')} inputMode="numeric" />
            )}
            {fields.method === 'score' && (
              <Field {...text('score_max')} hint={t('form.score_max_hint')} inputMode="numeric" />
            )}
          </div>
        </Options>
      </section>
      <section className="card stack">
        <Options
          legend={t('form.eligibility')}
          value={fields.eligibility}
          options={options('eligibility', eligibilities)}
          onPick={(eligibility) => put({ eligibility })}
          fault={faults.eligibility}
        />
        <Toggle
          label={t('form.require_presence')}
          hint={t('form.require_presence_hint')}
          checked={fields.require_presence}
          onChange={(require_presence) => put({ require_presence })}
        />
      </section>
      <section className="card stack">
        <Options
          legend={t('form.secrecy')}
          value={fields.secrecy}
          options={options('secrecy', secrecies)}
          onPick={(secrecy) => onFields(chooseSecrecy(fields, secrecy, resultsChosen))}
          fault={faults.secrecy}
        />
        <Options
          legend={t('form.results')}
          value={fields.results}
          options={options('results', policies)}
          onPick={(results) => {
            setResultsChosen(true);
            put({ results });
          }}
          fault={faults.results}
        />
        <Toggle
          label={t('form.allow_change')}
          hint={t('form.allow_change_hint')}
          checked={fields.allow_change}
          onChange={(allow_change) => put({ allow_change })}
        />
      </section>
      <section className="card stack">
        <ThresholdField
          isMotion={fields.method === 'motion'}
          eligibility={fields.eligibility}
          threshold={fields.threshold}
          onThreshold={(threshold) => put({ threshold })}
          faults={faults}
        />
      </section>
      <section className="card stack">
        <h3>{t('form.times')}</h3>
        <p className="hint">{zoneHint}</p>
        <div className="beside">
          <Field {...text('opens_at')} type="datetime-local" hint={t('form.opens_at_hint')} />
          <Field {...text('closes_at')} type="datetime-local" hint={t('form.closes_at_hint')} />
        </div>
      </section>
        </div>
      </Disclosure>
    </div>
  );
}

type ThresholdFieldProps = {
  isMotion: boolean;
  eligibility: Poll['eligibility'];
  threshold: ThresholdFields;
  onThreshold: (threshold: ThresholdFields) => void;
  faults: Record<string, string>;
};

const kinds = ['none', 'majority', 'two_thirds', 'custom'] as const;
const bases = ['valid', 'cast', 'present', 'eligible'] as const;
const rules = ['more_than', 'at_least'] as const;

function ThresholdField({ isMotion, eligibility, threshold, onThreshold, faults }: ThresholdFieldProps) {
  const { t } = useWords();
  const put = (change: Partial<ThresholdFields>) => onThreshold({ ...threshold, ...change });
  // Only a roll tells how many may vote. What is chosen already stays, to be seen with its fault.
  const allowed = bases.filter((base) => base !== 'eligible' || eligibility === 'roll' || threshold.of === base);
  const wordBase = (base: (typeof bases)[number]) =>
    t(isMotion && (base === 'valid' || base === 'cast') ? `form.threshold_of_${base}_motion` : `form.threshold_of_${base}`);
  const number = (member: 'num' | 'den') => ({
    label: t(`form.threshold_${member}`),
    fault: faults[`threshold.${member}`],
    value: threshold[member],
    inputMode: 'numeric' as const,
    onChange: (event: { target: { value: string } }) => put({ [member]: event.target.value }),
  });

  return (
    <>
      <Pick
        label={t(isMotion ? 'form.threshold_motion' : 'form.threshold')}
        hint={t(isMotion ? 'form.threshold_motion_hint' : 'form.threshold_hint')}
        fault={faults.threshold}
        value={threshold.kind}
        options={kinds
          .filter((kind) => !(isMotion && kind === 'none'))
          .map((kind) => ({ value: kind, label: t(`form.threshold_${kind}`) }))}
        onPick={(kind) => put({ kind })}
      />
      {threshold.kind !== 'none' && (
        <div className="beside">
          <Pick
            label={t('form.threshold_of')}
            fault={faults['threshold.of']}
            value={threshold.of}
            options={allowed.map((base) => ({ value: base, label: wordBase(base) }))}
            onPick={(of) => put({ of })}
          />
          {threshold.kind === 'custom' && (
            <>
              <Field {...number('num')} />
              <Field {...number('den')} />
              <Pick
                label={t('form.threshold_rule')}
                fault={faults['threshold.rule']}
                value={threshold.rule}
                options={rules.map((rule) => ({ value: rule, label: t(`form.threshold_${rule}`) }))}
                onPick={(rule) => put({ rule })}
              />
            </>
          )}
        </div>
      )}
    </>
  );
}
