// Telling people of one name apart: by their ref where the roll gives one, else by the number in their id. Pure.
import { isolate } from './isolate';

type Named<Id> = { id: Id; name: string; ref?: string | null };

const fold = (name: string) => name.normalize('NFKC').toLowerCase();

/** What to put behind a name, by id; only those whose name somebody else bears have it. */
export function numberNamesakes<Id extends number | string>(people: readonly Named<Id>[]): Map<Id, string> {
  const named = new Map<string, Map<Id, string>>();
  for (const { id, name, ref } of people) {
    const namesakes = named.get(fold(name)) ?? new Map<Id, string>();
    named.set(fold(name), namesakes.set(id, ref ?? String(id).replace(/^\D+/, '')));
  }
  return new Map([...named.values()].filter(({ size }) => size > 1).flatMap(tellApart));
}

/** An account and a guest may have one number: then their whole ids do. */
function tellApart<Id extends number | string>(namesakes: Map<Id, string>): [Id, string][] {
  const isApart = new Set(namesakes.values()).size === namesakes.size;
  return isApart ? [...namesakes] : [...namesakes.keys()].map((id) => [id, String(id)]);
}

/** Everybody's name by id, as text that names one person. */
export function nameApart<Id extends number | string>(people: readonly Named<Id>[]): Map<Id, string> {
  const numbers = numberNamesakes(people);
  return new Map(people.map(({ id, name }) => [id, numbers.has(id) ? `${isolate(name)} (${numbers.get(id)})` : name]));
}
