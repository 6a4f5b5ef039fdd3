// Something that can be unfolded; the browser does it, with mouse, touch and keys.
import type { ReactNode } from 'react';

type DisclosureProps = {
  summary: ReactNode;
  children: ReactNode;
  className?: string;
  open?: boolean;
  onToggle?: (open: boolean) => void;
};

export function Disclosure({ summary, children, className = '', open, onToggle }: DisclosureProps) {
  return (
    <details className={`disclosure ${className}`.trim()} open={open} onToggle={(event) => onToggle?.(event.currentTarget.open)}>
      <summary>{summary}</summary>
      <div className="disclosure-body">{children}</div>
    </details>
  );
}
