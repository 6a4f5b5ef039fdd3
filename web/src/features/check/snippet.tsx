// Lines to copy, or to select where the browser copies nothing.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { canCopy, copyText } from '../../lib/clipboard';
import { isolate } from '../../lib/isolate';

export function Snippet({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  return (
    <figure className="snippet">
      <figcaption>
        <span><bdi>{title}</bdi></span>
        {canCopy() && (
          <button
            type="button"
            className="quiet"
            aria-label={`${t('poll.copy')}: ${isolate(title)}`}
            onClick={() => void copyText(text).then(setCopied)}
          >
            <span role="status">{t(copied ? 'poll.copied' : 'poll.copy')}</span>
          </button>
        )}
      </figcaption>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={isolate(title)}>
        <code translate="no">{text}</code>
      </pre>
    </figure>
  );
}
