// Lines to copy, or to select where the browser copies nothing.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { canCopy, copyText } from '../../lib/clipboard';

export function Snippet({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  return (
    <figure className="snippet">
      <figcaption>
        <span>{title}</span>
        {canCopy() && (
          <button
            type="button"
            className="quiet"
            aria-label={`${t('poll.copy')}: ${title}`}
            onClick={() => void copyText(text).then(setCopied)}
          >
            <span role="status">{t(copied ? 'poll.copied' : 'poll.copy')}</span>
          </button>
        )}
      </figcaption>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={title}>
        <code translate="no">{text}</code>
      </pre>
    </figure>
  );
}
