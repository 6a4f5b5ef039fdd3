// A labelled text field; its hint and its fault are tied to it for screen readers.
import { useId, type ComponentProps } from 'react';

type FieldProps = ComponentProps<'input'> & { label: string; hint?: string | undefined; fault?: string | undefined };

export function Field({ label, hint, fault, ...input }: FieldProps) {
  const id = useId();
  const describedBy = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ');

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} dir="auto" aria-invalid={fault ? true : undefined} aria-describedby={describedBy || undefined} {...input} />
      {fault && (
        <p id={`${id}-fault`} className="fault">
          {fault}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
