// How a failed request is told: the server's own words where it had any, at the field they are about.
import type { TFunction } from 'i18next';

import { NoAnswer, Refusal } from './api';
import type { ProblemCode } from './contract';

const fieldOfCode: Partial<Record<ProblemCode, string>> = { email_taken: 'email' };

/** What is wrong with which field; empty where the fault is with none. */
export function readFieldFaults(fault: unknown): Record<string, string> {
  if (!(fault instanceof Refusal)) return {};
  const { code, detail, errors = [] } = fault.problem;
  const field = fieldOfCode[code];
  if (field !== undefined && errors.length === 0) return { [field]: detail };
  // The first fault of a field is the one to mend first.
  return Object.fromEntries([...errors].reverse().map((error) => [error.field, error.detail]));
}

export function describeFault(fault: unknown, t: TFunction): string {
  if (fault instanceof NoAnswer) return t('fault.noAnswer');
  if (fault instanceof Refusal && fault.problem.detail !== '') return fault.problem.detail;
  return t('fault.unknown');
}
