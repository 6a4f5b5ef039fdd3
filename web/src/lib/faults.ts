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

/** What to do at each field of an account's forms; the server's own words where it found something else. `min`: a password's least letters. */
export function wordFieldFaults(fault: unknown, t: TFunction, min: number): Record<string, string> {
  const errors = fault instanceof Refusal ? (fault.problem.errors ?? []) : [];
  const advice = [...errors].reverse().map(({ field, code, detail }) => [field, adviseOn(field, code, t, min) ?? detail]);
  return { ...readFieldFaults(fault), ...(Object.fromEntries(advice) as Record<string, string>) };
}

const named = ['name', 'nickname', 'password', 'current_password', 'code', 'invitation'] as const;

function adviseOn(field: string, code: string, t: TFunction, min: number): string | undefined {
  if (field === 'email' && ['required', 'empty', 'format', 'too_long'].includes(code)) return t('fault.fix.email');
  if (field === 'password' && code === 'too_short') return t('fault.fix.short', { min });
  const asked = named.find((name) => name === field);
  if (asked !== undefined && ['required', 'empty', 'too_short'].includes(code)) return t(`fault.fix.${asked}`);
  return undefined;
}

export function describeFault(fault: unknown, t: TFunction): string {
  if (fault instanceof NoAnswer) return t('fault.noAnswer');
  if (fault instanceof Refusal && fault.problem.detail !== '') return fault.problem.detail;
  return t('fault.unknown');
}
