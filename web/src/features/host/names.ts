// People of one name are told apart by their number. Pure.

type Named = { id: number | string; name: string; ref?: string | null };

export function nameApart<T extends Named>(people: readonly T[]): { id: T['id']; text: string }[] {
  const counts = new Map<string, number>();
  people.forEach(({ name }) => counts.set(name, (counts.get(name) ?? 0) + 1));
  return people.map(({ id, name, ref }) => {
    const alone = counts.get(name) === 1;
    return { id, text: alone ? name : `${name} (${ref ?? String(id).replace(/^\D/, '')})` };
  });
}
