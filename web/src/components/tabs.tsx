// Parts of a page of which one is shown at a time. What is hidden stays as it was left: a form, a place in a list.
import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import './tabs.css';

export type Tab<Id extends string> = {
  id: Id;
  label: string;
  /** A number or word beside the label, such as how many are unread. */
  badge?: ReactNode;
  content: ReactNode;
};

type TabsProps<Id extends string> = { label: string; tabs: Tab<Id>[]; shown: Id; onShow: (id: Id) => void };

const steps: Record<string, (index: number, count: number) => number> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

export function Tabs<Id extends string>({ label, tabs, shown, onShow }: TabsProps<Id>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  const step = (event: KeyboardEvent) => {
    const move = steps[event.key];
    if (move === undefined) return;
    const index = move(tabs.findIndex((tab) => tab.id === shown), tabs.length);
    const next = tabs[index];
    if (next === undefined) return;
    event.preventDefault();
    onShow(next.id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus();
  };

  return (
    <>
      {tabs.length > 1 && (
        // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- its tabs take the focus, as the pattern has it
        <div ref={list} role="tablist" aria-label={label} className="tabs" onKeyDown={step}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${id}-${tab.id}`}
              aria-selected={tab.id === shown}
              aria-controls={`${id}-${tab.id}-panel`}
              tabIndex={tab.id === shown ? 0 : -1}
              onClick={() => onShow(tab.id)}
            >
              {tab.label}
              {tab.badge !== undefined && tab.badge !== null && <span className="tab-badge">{tab.badge}</span>}
            </button>
          ))}
        </div>
      )}
      {tabs.map((tab) => (
        <div
          key={tab.id}
          role={tabs.length > 1 ? 'tabpanel' : undefined}
          id={`${id}-${tab.id}-panel`}
          aria-labelledby={tabs.length > 1 ? `${id}-${tab.id}` : undefined}
          hidden={tab.id !== shown}
        >
          {tab.content}
        </div>
      ))}
    </>
  );
}
