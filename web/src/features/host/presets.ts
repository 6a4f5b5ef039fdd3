// What most polls of an evening are, as a start for the form. What was typed stays. Pure.
import { chooseMethod, type Eligibility, type PollFields } from './poll-fields';

export const presets = ['motion', 'election', 'ranking', 'rating', 'quick'] as const;
export type Preset = (typeof presets)[number];

const methods = { motion: 'motion', election: 'plurality', ranking: 'ranked', rating: 'score', quick: 'plurality' } as const;

export function readPreset(name: string | null): Preset | null {
  return presets.find((preset) => preset === name) ?? null;
}

/** The rules of a preset: those vote who usually do in the room; a quick poll is for everybody, and its bars move. */
export function applyPreset(fields: PollFields, preset: Preset, usual: Eligibility): PollFields {
  const quick = preset === 'quick';
  const eligibility = quick ? 'anyone' : usual;
  const threshold = { ...fields.threshold, kind: preset === 'motion' ? ('majority' as const) : ('none' as const), of: 'valid' as const };
  return {
    ...chooseMethod({ ...fields, threshold }, methods[preset]),
    ...{ eligibility, threshold, secrecy: 'secret', results: quick ? 'live' : 'closed', allow_change: true },
    ...{ rule: 'irv', seats: '1', max_choices: '', score_max: '5', require_presence: false },
  };
}

/** The preset whose rules these are, or null. */
export function findPreset(fields: PollFields, usual: Eligibility): Preset | null {
  const rules = (of: PollFields) =>
    JSON.stringify([of.method, of.eligibility, of.secrecy, of.results, of.threshold.kind, of.seats, of.max_choices, of.require_presence, of.allow_change]);
  return presets.find((preset) => rules(applyPreset(fields, preset, usual)) === rules(fields)) ?? null;
}
