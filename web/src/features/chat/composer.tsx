// Saying something: Enter sends, Shift+Enter makes a line. The text goes only once the server has it.
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isComposing } from '../../components/form';
import { NoAnswer } from '../../lib/api';
import { describeFault } from '../../lib/faults';
import { say, socket } from '../../lib/socket';

const longest = 2000;

export function Composer({ code }: { code: string }) {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const { mutate, isPending, error, reset } = useMutation({
    networkMode: 'always',
    mutationFn: (said: string) => say('chat:send', { room: code, text: said }),
    onSuccess: (_, said) => setText((now) => (now.trim() === said ? '' : now)),
  });
  // As the server counts: by code points.
  const excess = Array.from(text.trim()).length - longest;

  const send = () => {
    const said = text.trim();
    if (said === '' || excess > 0 || isPending) return;
    mutate(said);
    box.current?.focus();
  };

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
      <label htmlFor={id} className="unseen">
        {t('chat.text')}
      </label>
      <textarea
        ref={box}
        id={id}
        rows={1}
        value={text}
        placeholder={t('chat.text')}
        aria-invalid={told !== null}
        aria-describedby={told === null ? undefined : `${id}-fault`}
        enterKeyHint="send"
        onChange={(event) => {
          setText(event.target.value);
          reset();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" className="primary" aria-disabled={isPending || text.trim() === ''}>
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
