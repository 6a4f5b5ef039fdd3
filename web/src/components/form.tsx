// A form that is sent by script, once for each Enter, also for the one that finishes a Hangul syllable.
import { useState, type ComponentProps, type CompositionEvent, type KeyboardEvent, type SubmitEvent } from 'react';

import { makeEnterReader } from '../lib/enter';

type FormProps = Omit<ComponentProps<'form'>, 'onSubmit'> & { onSend: (fields: FormData) => void };

/** A line of text: elsewhere an Enter presses a button, or breaks a line. */
const isLine = (target: EventTarget) =>
  target instanceof HTMLInputElement && !['button', 'checkbox', 'file', 'radio', 'range', 'submit'].includes(target.type);

export function Form({ onSend, children, ...rest }: FormProps) {
  const [enter] = useState(makeEnterReader);

  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSend(new FormData(event.currentTarget));
  };

  const press = (event: KeyboardEvent<HTMLFormElement>) => {
    if (!isLine(event.target)) return;
    const answer = enter.keydown(event.nativeEvent);
    if (answer !== 'leave') event.preventDefault();
    if (answer === 'send') onSend(new FormData(event.currentTarget));
  };

  const finishSyllable = ({ target, data, currentTarget: form }: CompositionEvent<HTMLFormElement>) => {
    if (isLine(target)) enter.compositionend(data, () => onSend(new FormData(form)));
  };

  return (
    // The server words every refusal, in the page's language; the browser's own bubbles speak another.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only listens for what its fields let through
    <form
      noValidate
      onSubmit={send}
      onKeyDown={press}
      onKeyUp={enter.rest}
      onFocus={enter.rest}
      onCompositionEnd={finishSyllable}
      {...rest}
    >
      {children}
    </form>
  );
}
