// One line of a sheet's facts.
import type { ReactNode } from 'react';

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt><bdi>{name}</bdi></dt>
      <dd>{children}</dd>
    </div>
  );
}
