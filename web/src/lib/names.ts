// Telling people of one name apart: by the number in their id. Pure.

type Named = { id: string; name: string };

const fold = (name: string) => name.normalize('NFKC').toLowerCase();

/** The number to put behind a name, by id; only those whose name somebody else bears have one. */
export function numberNamesakes(people: Named[]): Map<string, string> {
  const ids = new Map<string, Set<string>>();
  for (const { id, name } of people) ids.set(fold(name), (ids.get(fold(name)) ?? new Set()).add(id));
  const shared = [...ids.values()].filter((each) => each.size > 1).flatMap((each) => [...each]);
  return new Map(shared.map((id) => [id, id.replace(/^\D+/, '')]));
}
