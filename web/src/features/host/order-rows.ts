// In which order the roll is shown, and which of its members. Pure.
import type { Row } from '../../lib/contract';

export const orders = ['name', 'ref', 'role', 'checked_in', 'voted'] as const;
export type By = (typeof orders)[number];
/** Null is the roll's own order. */
export type Order = { by: By; down: boolean } | null;

export type Wanted = { role: '' | Row['role']; here: '' | 'yes' | 'no'; voted: '' | 'yes' | 'no' };
export const everybody: Wanted = { role: '', here: '', voted: '' };

/** Whether each member has voted, by row; null where nobody may know. */
export type Voted = ReadonlyMap<number, boolean> | null;

/** Up, then down, then the roll's own order again. */
export function turnOrder(order: Order, by: By): Order {
  if (order?.by !== by) return { by, down: false };
  return order.down ? null : { by, down: true };
}

export const ariaSort = (order: Order, by: By): 'ascending' | 'descending' | 'none' => {
  if (order?.by !== by) return 'none';
  return order.down ? 'descending' : 'ascending';
};

export function filterRows(rows: readonly Row[], { role, here, voted: ballots }: Wanted, voted: Voted): Row[] {
  const fits = (wish: '' | 'yes' | 'no', is: boolean) => wish === '' || (wish === 'yes') === is;
  return rows.filter(
    (row) =>
      (role === '' || row.role === role) &&
      fits(here, row.checked_in) &&
      (voted === null || fits(ballots, voted.get(row.id) ?? false)),
  );
}

const rank: Record<Row['role'], number> = { host: 0, voter: 1, observer: 2 };

/** Those without a number come last, however numbers are sorted; members who are level stay as they were. */
export function sortRows(rows: readonly Row[], order: Order, voted: Voted, language: string): Row[] {
  if (order === null) return [...rows];
  const { compare } = new Intl.Collator(language, { numeric: true });
  const sign = order.down ? -1 : 1;
  const yes = (row: Row) => Number(order.by === 'voted' ? (voted?.get(row.id) ?? false) : row.checked_in);
  return [...rows].sort((a, b) => {
    if (order.by === 'name') return sign * compare(a.name, b.name);
    if (order.by === 'role') return sign * (rank[a.role] - rank[b.role]);
    if (order.by !== 'ref') return sign * (yes(b) - yes(a));
    if (a.ref === null || b.ref === null) return Number(a.ref === null) - Number(b.ref === null);
    return sign * compare(a.ref, b.ref);
  });
}
