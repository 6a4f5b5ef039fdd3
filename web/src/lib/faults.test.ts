import { describe, expect, test } from 'vitest';

import { NoAnswer, Refusal } from './api';
import type { FieldError, Problem } from './contract';
import { readFieldFaults } from './faults';

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
