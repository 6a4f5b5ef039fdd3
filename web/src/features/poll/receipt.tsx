// The receipt of a recorded ballot, to be selected and noted down.
import { useTranslation } from 'react-i18next';

export function Receipt({ receipt }: { receipt: string }) {
  const { t } = useTranslation();

  return (
    <dl className="receipt">
      <dt>{t('poll.receipt')}</dt>
      <dd>
        <code translate="no">{receipt}</code>
        <p className="hint">{t('poll.receiptHint')}</p>
      </dd>
    </dl>
  );
}
