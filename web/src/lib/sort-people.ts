// The order in which people are listed. Pure.
import type { Person } from './contract';

/** Hosts first, then by name as the reader's language sorts, namesakes by their ids. */
export function sortPeople(people: Person[], language: string): Person[] {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const rank = (person: Person) => (person.role === 'host' ? 0 : 1);
  return [...people].sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name) || compare(a.id, b.id));
}
