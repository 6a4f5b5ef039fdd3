// A setting that is on or off, with what it means below its name.
import { useId, type ReactNode } from 'react';

type ToggleProps = { label: string; hint?: ReactNode; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean };

export function Toggle({ label, hint, checked, onChange, disabled = false }: ToggleProps) {
  const id = useId();

  return (
    <div className="toggle">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
