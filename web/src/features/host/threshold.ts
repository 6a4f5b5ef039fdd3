// What a winner must reach, as a form has it. Pure.
import type { Threshold } from '../../lib/contract';

export type ThresholdKind = 'none' | 'majority' | 'two_thirds' | 'custom';
export type ThresholdFields = { kind: ThresholdKind; num: string; den: string; of: Threshold['of']; rule: Threshold['rule'] };

const shares: Record<'majority' | 'two_thirds', Pick<Threshold, 'num' | 'den' | 'rule'>> = {
  majority: { num: 1, den: 2, rule: 'more_than' },
  two_thirds: { num: 2, den: 3, rule: 'at_least' },
};

/** The share's usual name, or `custom`. */
export function kindOf(threshold: Threshold | null): ThresholdKind {
  if (threshold === null) return 'none';
  const { num, den, rule } = threshold;
  const known = (['majority', 'two_thirds'] as const).find((kind) => {
    const share = shares[kind];
    return share.rule === rule && share.num * den === share.den * num;
  });
  return known ?? 'custom';
}

export function readThreshold(threshold: Threshold | null): ThresholdFields {
  const { num, den, of, rule } = threshold ?? { ...shares.majority, of: 'valid' };
  return { kind: kindOf(threshold), num: String(num), den: String(den), of, rule };
}

/** What the form asks the server for; a number that is none goes as it was typed, for the server to refuse. */
export function writeThreshold({ kind, num, den, of, rule }: ThresholdFields): unknown {
  if (kind === 'none') return null;
  return kind === 'custom' ? { num: writeNumber(num), den: writeNumber(den), of, rule } : { ...shares[kind], of };
}

export function writeNumber(typed: string): number | string {
  return /^\s*\d{1,9}\s*$/.test(typed) ? Number(typed) : typed;
}
