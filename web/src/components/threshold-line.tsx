// What a winner has to reach, in words.
import { useTranslation } from 'react-i18next';

import type { Threshold } from '../lib/contract';

export function ThresholdLine({ threshold }: { threshold: Threshold }) {
  const { t } = useTranslation();
  const { num, den, of, rule } = threshold;

  return (
    <p className="hint">
      {t(`results.threshold.${rule}`, { share: `${num}/${den}`, base: t(`results.base.${of}`) })}
    </p>
  );
}
