// A page's frame: its title, its one h1, and where focus goes when one arrives from another page.
import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';

import { isolate } from '../lib/isolate';

/** `mark` stands before the title. */
type PageProps = { title: string; mark?: ReactNode; lead?: ReactNode; children: ReactNode; className?: string };

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Rollcall' ? title : `${isolate(title)} · Rollcall`;
  }, [title]);
}

export function Page({ title, mark, lead, children, className = '' }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  useTitle(title);

  // A screen reader would otherwise stay silent about the new page; the first one it reads by itself. A page whose field
  // has the focus already is read from there. One that replaces another at the same address gets the focus that was lost
  // with it.
  useEffect(() => {
    const focused = document.activeElement;
    const inField = heading.current?.closest('main')?.contains(focused) === true && focused instanceof HTMLInputElement;
    const isLost = focused === document.body && 'userActivation' in navigator && navigator.userActivation.hasBeenActive;
    if ((key !== 'default' && !inField) || isLost) heading.current?.focus();
  }, [key]);

  return (
    <main id="content" className={`page ${className}`}>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {mark}
          <bdi>{title}</bdi>
        </h1>
        {lead}
      </header>
      {children}
    </main>
  );
}
