// A list that the server gives in parts, as a whole.
import { ask } from './api';

type Part<T> = { items?: T[]; people?: T[] | null; next: number | string | null };

/** A list as a whole, whatever its length. */
export async function everyPage<T>(path: string, member: 'items' | 'people' = 'items'): Promise<T[]> {
  const all: T[] = [];
  let cursor: number | string | null = null;
  do {
    const query: string = cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
    const part = (await ask('GET', `${path}${query}`)) as Part<T>;
    all.push(...(part[member] ?? []));
    cursor = part.next;
  } while (cursor !== null);
  return all;
}
