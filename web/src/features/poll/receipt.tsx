// The receipt of a recorded ballot: to be copied where the browser can, selected and noted down everywhere.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { canCopy, copyText } from '../../lib/clipboard';

export function Receipt({ receipt }: { receipt: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  const copy = () => {
    void copyText(receipt).then(setCopied);
  };

  return (
    <dl className="receipt">
      <dt>{t('poll.receipt')}</dt>
      <dd>
        <code translate="no">{receipt}</code>
        {canCopy() && (
          <button type="button" className="quiet" onClick={copy}>
            <span role="status">{t(copied ? 'poll.copied' : 'poll.copy')}</span>
          </button>
        )}
        <p className="hint">{t('poll.receiptHint')}</p>
      </dd>
    </dl>
  );
}
