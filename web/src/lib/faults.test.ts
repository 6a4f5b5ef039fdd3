import type { TFunction } from 'i18next';
import { describe, expect, test } from 'vitest';

import { NoAnswer, Refusal } from './api';
import type { FieldError, Problem } from './contract';
import { describeFault, readFieldFaults, wordDeskFaults } from './faults';

describe('readFieldFaults', () => {
  const refusal = (over: Partial<Problem>) =>
    new Refusal({ type: '', title: '', status: 400, detail: 'whole', code: 'invalid_request', ...over });

  test('tells the first fault of each field', () => {
    const errors: FieldError[] = [
      { field: 'password', code: 'required', detail: 'first' },
      { field: 'password', code: 'too_short', detail: 'second' },
      { field: 'email', code: 'required', detail: 'mail' },
    ];

    expect(readFieldFaults(refusal({ errors }))).toEqual({ password: 'first', email: 'mail' });
  });

  test('tells a taken email at the email', () => {
    expect(readFieldFaults(refusal({ code: 'email_taken' }))).toEqual({ email: 'whole' });
  });

  test('tells nothing at a field when no answer came', () => {
    expect(readFieldFaults(new NoAnswer())).toEqual({});
  });
});

describe('wordDeskFaults', () => {
  const t = ((key: string) => key) as unknown as TFunction;
  const refused = (...errors: FieldError[]) =>
    new Refusal({ type: '', title: '', status: 400, detail: 'whole', code: 'invalid_request', errors });

  test('says what to enter where nothing was entered', () => {
    const fault = refused(
      { field: 'title', code: 'empty', detail: 'server' },
      { field: 'candidates.1.name', code: 'required', detail: 'server' },
    );

    expect(wordDeskFaults(fault, t)).toEqual({ title: 'fault.fix.title', 'candidates.1.name': 'fault.fix.nickname' });
  });

  test('keeps the words of the server elsewhere', () => {
    expect(wordDeskFaults(refused({ field: 'closes_at', code: 'in_the_past', detail: 'server' }), t)).toEqual({ closes_at: 'server' });
  });
});

test('a fault of a field that no form shows is told in its own words', () => {
  const errors: FieldError[] = [{ field: 'reason', code: 'empty', detail: 'Fill this in.' }];
  const fault = new Refusal({ type: '', title: '', status: 400, detail: 'whole', code: 'invalid_request', errors });

  expect(describeFault(fault, ((key: string) => key) as unknown as TFunction)).toBe('Fill this in.');
});
