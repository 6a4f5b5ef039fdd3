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
  return wordFaults(fault, (field, code) => adviseOn(field, code, t, min));
}

/** The same at the fields of a host's forms. */
export function wordDeskFaults(fault: unknown, t: TFunction): Record<string, string> {
  return wordFaults(fault, (field, code) => adviseHostOn(field.split('.').at(-1) ?? '', code, t));
}

function wordFaults(fault: unknown, advise: (field: string, code: string) => string | undefined): Record<string, string> {
  const errors = fault instanceof Refusal ? (fault.problem.errors ?? []) : [];
  const advice = [...errors].reverse().map(({ field, code, detail }) => [field, advise(field, code) ?? detail]);
  return { ...readFieldFaults(fault), ...(Object.fromEntries(advice) as Record<string, string>) };
}

const named = ['name', 'host', 'nickname', 'password', 'current_password', 'code', 'invitation'] as const;
const missing = ['required', 'empty', 'too_short'];

function adviseOn(field: string, code: string, t: TFunction, min: number): string | undefined {
  if (field === 'email' && ['required', 'empty', 'format', 'too_long'].includes(code)) return t('fault.fix.email');
  if (field === 'password' && code === 'too_short') return t('fault.fix.short', { min });
  const asked = named.find((name) => name === field);
  if (asked !== undefined && missing.includes(code)) return t(`fault.fix.${asked}`);
  return undefined;
}

function adviseHostOn(field: string, code: string, t: TFunction): string | undefined {
  if (field === 'email' && code === 'format') return t('fault.fix.email');
  if (!missing.includes(code)) return undefined;
  if (field === 'name') return t('fault.fix.nickname');
  if (field === 'title' || field === 'candidates') return t(`fault.fix.${field}`);
  return undefined;
}

export function describeFault(fault: unknown, t: TFunction): string {
  if (fault instanceof NoAnswer) return t('fault.noAnswer');
  if (!(fault instanceof Refusal)) return t('fault.unknown');
  const { code, detail, errors = [] } = fault.problem;
  // Where no field shows it, the first fault says more than that there are faults.
  if (code === 'invalid_request' && errors[0] !== undefined) return errors[0].detail;
  if (detail !== '') return detail;
  return t('fault.unknown');
}
