// The members of the roll as a table that is sorted by its headings, each with what a host can do.
import { TableBox } from '../../components/table-box';
import type { Row } from '../../lib/contract';
import { ariaSort, turnOrder, type By, type Order, type Voted } from './order-rows';
import { RowSteps } from './row-steps';
import { useWords } from './words';

type RollTableProps = {
  rows: readonly Row[];
  names: ReadonlyMap<number, string>;
  voted: Voted;
  order: Order;
  onOrder: (order: Order) => void;
};

export function RollTable({ rows, names, voted, order, onOrder }: RollTableProps) {
  const { t } = useWords();
  const columns: By[] = ['name', 'ref', 'role', 'checked_in', ...(voted === null ? [] : (['voted'] as const))];

  return (
    <TableBox label={t('roll.people')}>
      <table className="roll-table">
        <caption className="unseen">{t('roll.sortHint')}</caption>
        <thead>
          <tr>
            {columns.map((by) => (
              <th key={by} scope="col" aria-sort={ariaSort(order, by)}>
                <button type="button" onClick={() => onOrder(turnOrder(order, by))}>
                  {t(`roll.column_${by}`)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <Member row={row} name={names.get(row.id) ?? row.name} />
              </th>
              <td>
                <bdi>{row.ref}</bdi>
              </td>
              <td>{t(`roll.role_${row.role}`)}</td>
              <td>{t(row.checked_in ? 'roll.isHere' : 'roll.isNotHere')}</td>
              {voted !== null && <td>{t(voted.get(row.id) ? 'roll.hasVoted' : 'roll.hasNotVoted')}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

function Member({ row, name }: { row: Row; name: string }) {
  const { t } = useWords();

  return (
    <div className="roll-who">
      <strong>
        <bdi>{row.name}</bdi>
      </strong>
      <span className="facts">
        {[row.email, row.claimed ? t('roll.isClaimed') : null]
          .filter((fact) => fact !== null)
          .map((fact) => (
            <span key={fact}>
              <bdi>{fact}</bdi>
            </span>
          ))}
        {Object.entries(row.columns).map(([called, cell]) => (
          <span key={`${called}:`}>
            <bdi>{called}</bdi>: <bdi>{cell}</bdi>
          </span>
        ))}
      </span>
      <RowSteps row={row} name={name} />
    </div>
  );
}
