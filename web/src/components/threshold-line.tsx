// What a winner, or a motion, has to reach, in words.
import { useTranslation } from 'react-i18next';

import type { Method, Threshold } from '../lib/contract';

export function ThresholdLine({ threshold, method }: { threshold: Threshold; method: Method }) {
  const { t } = useTranslation();
  const { num, den, of, rule } = threshold;
  const isMotion = method === 'motion';
  const base = t(isMotion && of === 'valid' ? 'results.base.decided' : `results.base.${of}`);

  return (
    <p className="hint">
      {t(isMotion ? `results.toCarry.${rule}` : `results.threshold.${rule}`, { share: `${num}/${den}`, base })}
    </p>
  );
}
