// Saying something: Enter sends, Shift+Enter makes a line. The text goes only once the server has it.
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { NoAnswer } from '../../lib/api';
import type { You } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { makeUuid } from '../../lib/ids';
import { say, socket } from '../../lib/socket';
import { useEnterSends } from './use-enter-sends';
import { MutedNote } from './muted-note';
import { useMutedWords } from './use-muted-words';

const longest = 2000;

/** As the server counts: by code points. */
const countExcess = (text: string) => Array.from(text.trim()).length - longest;

type ComposerProps = { code: string; muted: You['muted'] };

export function Composer({ code, muted }: ComposerProps) {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const line = useRef<{ text: string; key: string } | null>(null);
  const [text, setText] = useState('');
  const { mutate, isPending, error, reset } = useMutation({
    networkMode: 'always',
    mutationFn: (said: string) => {
      // The same text until the server has it is the same line, however often it is sent.
      if (line.current?.text !== said) line.current = { text: said, key: makeUuid() };
      return say('chat:send', { room: code, ...line.current });
    },
    onSuccess: (_, said) => {
      line.current = null;
      setText((now) => (now.trim() === said ? '' : now));
    },
  });
  const excess = countExcess(text);
  const silenced = useMutedWords(code, muted);

  const send = () => {
    // As it stands in the box: the page may not have drawn the last syllable yet.
    const said = (box.current?.value ?? text).trim();
    if (said === '' || countExcess(said) > 0 || isPending || silenced !== null) return;
    mutate(said);
    box.current?.focus();
  };

  const enterSends = useEnterSends(box, send);

  const fault = () => {
    if (excess > 0) return t('chat.tooLong', { max: longest, count: excess });
    if (error === null) return null;
    // It had left, and may have been heard; otherwise it was never on its way.
    return error instanceof NoAnswer && socket.connected ? t('chat.unsure') : describeFault(error, t);
  };
  const told = fault();

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <MutedNote words={silenced} />
      <label htmlFor={id} className="unseen">
        {t('chat.text')}
      </label>
      <textarea
        ref={box}
        id={id}
        dir="auto"
        rows={1}
        value={text}
        placeholder={t('chat.text')}
        readOnly={silenced !== null}
        aria-invalid={told !== null}
        aria-describedby={told === null ? undefined : `${id}-fault`}
        enterKeyHint="send"
        onChange={(event) => {
          setText(event.target.value);
          reset();
        }}
        {...enterSends}
      />
      <button type="submit" className="primary" aria-disabled={isPending || text.trim() === '' || silenced !== null}>
        {t('chat.send')}
      </button>
      <div role="alert">
        {told !== null && (
          <p id={`${id}-fault`} className="fault">
            {told}
          </p>
        )}
      </div>
    </form>
  );
}
