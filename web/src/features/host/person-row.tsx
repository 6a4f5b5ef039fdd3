// A person in one of the desk's lists: the name, facts about them, and what the host may do.
import type { ReactNode } from 'react';

import { isolate } from '../../lib/isolate';

/** `facts` that are false, null or empty are left out; `mark` stands out behind them. */
type PersonRowProps = { name: string; facts?: readonly (string | false | null)[]; mark?: string | undefined; children: ReactNode };

export function PersonRow({ name, facts = [], mark, children }: PersonRowProps) {
  return (
    <li className="roll-row">
      <div className="roll-who">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span className="facts">
          {facts.filter(Boolean).map((fact) => (
            <span key={String(fact)}>
              <bdi>{fact}</bdi>
            </span>
          ))}
          {mark && (
            <span className="fault">
              <bdi>{mark}</bdi>
            </span>
          )}
        </span>
      </div>
      <div className="steps" role="group" aria-label={isolate(name)}>
        {children}
      </div>
    </li>
  );
}
