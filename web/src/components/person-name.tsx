// Somebody's name, with their number where another bears the same.
export function PersonName({ name, number }: { name: string; number: string | undefined }) {
  return (
    <span className="person-name" translate="no">
      <bdi>{name}</bdi>
      {number !== undefined && <span className="person-number"> <bdi>{number}</bdi></span>}
    </span>
  );
}
