// Labelled fields of forms; the hint and the fault of each are tied to it for screen readers.
import { useId, type ComponentProps, type ReactNode } from 'react';

type NoteProps = { hint?: string | undefined; fault?: string | undefined };

function Notes({ id, hint, fault }: NoteProps & { id: string }) {
  return (
    <>
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
    </>
  );
}

const describe = (id: string, { hint, fault }: NoteProps) =>
  [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

/** A line of text. */
export function Field({ label, hint, fault, ...input }: ComponentProps<'input'> & NoteProps & { label: string }) {
  const id = useId();

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        dir="auto"
        aria-invalid={fault ? true : undefined}
        aria-describedby={describe(id, { hint, fault })}
        {...input}
      />
      <Notes id={id} hint={hint} fault={fault} />
    </div>
  );
}

/** Several lines of text. */
export function Area({ label, hint, fault, ...area }: ComponentProps<'textarea'> & NoteProps & { label: string }) {
  const id = useId();

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        dir="auto"
        rows={3}
        aria-invalid={fault ? true : undefined}
        aria-describedby={describe(id, { hint, fault })}
        {...area}
      />
      <Notes id={id} hint={hint} fault={fault} />
    </div>
  );
}

type PickProps<V extends string> = NoteProps & {
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onPick: (value: V) => void;
};

/** One of a list. */
export function Pick<V extends string>({ label, value, options, onPick, hint, fault }: PickProps<V>) {
  const id = useId();

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={fault ? true : undefined}
        aria-describedby={describe(id, { hint, fault })}
        onChange={(event) => onPick(event.target.value as V)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Notes id={id} hint={hint} fault={fault} />
    </div>
  );
}

type OptionsProps<V extends string> = {
  legend: string;
  value: V;
  options: readonly { value: V; label: string; hint: string }[];
  onPick: (value: V) => void;
  fault?: string | undefined;
  /** Fields that belong to what was picked. */
  children?: ReactNode;
};

/** Radios that explain themselves. */
export function Options<V extends string>({ legend, value, options, onPick, fault, children }: OptionsProps<V>) {
  const id = useId();

  return (
    <fieldset className="options" aria-describedby={fault && `${id}-fault`}>
      <legend>{legend}</legend>
      {options.map((option) => (
        // eslint-disable-next-line jsx-a11y/label-has-associated-control -- the text is in what it spans
        <label key={option.value} className="option">
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            aria-describedby={`${id}-${option.value}`}
            onChange={() => onPick(option.value)}
          />
          <span>
            <strong>{option.label}</strong>
            <span className="hint" id={`${id}-${option.value}`}>
              {option.hint}
            </span>
          </span>
        </label>
      ))}
      <Notes id={id} fault={fault} />
      {children}
    </fieldset>
  );
}
