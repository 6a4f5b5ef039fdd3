import { describe, expect, test } from 'vitest';

import { newCandidate, startFields, writeFields } from './poll-fields';
import { applyPreset, findPreset, presets, readPreset } from './presets';

const typed = { ...startFields('roll'), title: 'Budget', candidates: [newCandidate('Ada'), newCandidate('Noah')] };

describe('a preset', () => {
  test.each(presets)('%s keeps what was typed, and is known again', (preset) => {
    const fields = applyPreset(typed, preset, 'roll');

    expect(fields.title).toBe('Budget');
    expect(fields.candidates).toEqual(typed.candidates);
    expect(findPreset(fields, 'roll')).toBe(preset);
  });

  test('that is chosen after another leaves nothing of it behind', () => {
    const after = applyPreset(applyPreset(typed, 'motion', 'roll'), 'election', 'roll');

    expect(writeFields(after, 'UTC').body).toEqual(writeFields(applyPreset(typed, 'election', 'roll'), 'UTC').body);
  });

  test('is one person, one vote where there is a roll, except for a quick poll', () => {
    expect(applyPreset(typed, 'motion', 'roll').eligibility).toBe('roll');
    expect(applyPreset(typed, 'motion', 'accounts').eligibility).toBe('accounts');
    expect(applyPreset(typed, 'quick', 'roll')).toMatchObject({ eligibility: 'anyone', results: 'live' });
  });

  test('is not named once a rule was changed', () => {
    expect(findPreset({ ...applyPreset(typed, 'election', 'roll'), secrecy: 'named' }, 'roll')).toBeNull();
  });

  test('in an address is one of those that there are', () => {
    expect(readPreset('motion')).toBe('motion');
    expect(readPreset('../motion')).toBeNull();
  });
});
