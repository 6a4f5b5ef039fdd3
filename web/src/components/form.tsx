// A form that is sent by script, and never by the Enter that only finishes a Hangul syllable.
import type { ComponentProps, KeyboardEvent, SubmitEvent } from 'react';

type FormProps = Omit<ComponentProps<'form'>, 'onSubmit'> & { onSend: (fields: FormData) => void };

/** Whether a key only finishes a syllable: Safari ends the composition before it tells of the key, and leaves only the old code 229. */
export function isComposing(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells the two Enters apart there
  return event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
}

export function Form({ onSend, children, ...rest }: FormProps) {
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSend(new FormData(event.currentTarget));
  };

  const holdWhileComposing = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && isComposing(event)) event.preventDefault();
  };

  return (
    // The server words every refusal, in the page's language; the browser's own bubbles speak another.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only listens for what its fields let through
    <form noValidate onSubmit={send} onKeyDown={holdWhileComposing} {...rest}>
      {children}
    </form>
  );
}
