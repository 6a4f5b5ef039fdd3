// A button that copies a text, and says whether it could.
import { useState } from 'react';

import { copyAnywhere } from './copy-anywhere';
import { useWords } from './words';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState<{ text: string; done: boolean } | null>(null);
  const isOf = copied?.text === text;

  return (
    <div className="steps">
      <button
        type="button"
        className="act"
        onClick={() => void copyAnywhere(text).then((done) => setCopied({ text, done }))}
      >
        {label}
      </button>
      <span role="status" className="hint">
        {isOf && t(copied.done ? 'invite.copied' : 'invite.notCopied')}
      </span>
    </div>
  );
}
