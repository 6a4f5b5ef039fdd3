// Somebody's name, with their number where another bears the same.
export function PersonName({ name, number }: { name: string; number: string | undefined }) {
  return (
    <span className="person-name" translate="no">
      {name}
      {number !== undefined && <span className="person-number"> {number}</span>}
    </span>
  );
}
