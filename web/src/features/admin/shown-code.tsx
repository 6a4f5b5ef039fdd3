// A code that is shown only once, with a button to copy it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { canCopy, copyText } from '../../lib/clipboard';

export function ShownCode({ code }: { code: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  return (
    <p>
      <code className="code-shown" translate="no">
        {code}
      </code>{' '}
      {canCopy() && (
        <button type="button" className="quiet" onClick={() => void copyText(code).then(setCopied)}>
          <span role="status">{t(copied ? 'poll.copied' : 'poll.copy')}</span>
        </button>
      )}
    </p>
  );
}
