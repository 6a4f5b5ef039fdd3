// Which languages there are, and their words, fetched when they are needed. What a language's file says of itself is `about`.
import { recall } from './storage';

/** `draft` is set where nobody whose language it is has read the file; it says so, in that language. */
type About = { name: string; draft?: string };
type Words = Record<string, unknown>;
type Source = Record<string, () => Promise<Words>>;

/** What is fetched together: what voters read, what is on other pages, the desk's, the log's. */
export type Part = keyof typeof sources;

const abouts = import.meta.glob<About>('../locales/??.json', { query: '?part=about', import: 'default', eager: true });
const sources = {
  pages: import.meta.glob('../locales/??.json', { query: '?part=pages', import: 'default' }) as Source,
  more: import.meta.glob('../locales/??.json', { query: '?part=more', import: 'default' }) as Source,
  host: import.meta.glob('../locales/??.json', { query: '?part=host', import: 'default' }) as Source,
  log: import.meta.glob('../locales/??.json', { query: '?part=log', import: 'default' }) as Source,
};

const fileOf = (language: string) => `../locales/${language}.json`;
const codes = Object.keys(abouts).map((file) => file.slice(-7, -5));

/** Korean first, which is spoken where nothing else is asked for; those that need a reading last. */
export const languages = codes.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
export const languageKey = 'rollcall.language';

function rank(language: string): number {
  return language === 'ko' ? 0 : isDraft(language) ? 2 : 1;
}

function isDraft(language: string): boolean {
  return abouts[fileOf(language)]?.draft !== undefined;
}

/** "English", "Deutsch". */
export function callLanguage(language: string): string {
  return abouts[fileOf(language)]?.name ?? language;
}

/** "English", "Deutsch (ungeprüft)". */
export function nameLanguage(language: string): string {
  const draft = abouts[fileOf(language)]?.draft;
  return draft === undefined ? callLanguage(language) : `${callLanguage(language)} (${draft})`;
}

/** The first of `wishes` that the page speaks; one that needs a reading only where no other is wished for. */
export function pickLanguage(wishes: readonly (string | null)[]): string {
  const wished = wishes.map((wish) => wish?.toLowerCase().split('-')[0] ?? '').filter((wish) => languages.includes(wish));
  return wished.find((wish) => !isDraft(wish)) ?? wished[0] ?? 'ko';
}

/** The language that was chosen, else the browser's. */
export function wishedLanguage(chosen: string | null = recall(languageKey)): string {
  return chosen !== null && languages.includes(chosen) ? chosen : pickLanguage(navigator.languages);
}

const fetched = new Map<string, Promise<Words>>();

export function fetchWords(language: string, part: Part): Promise<Words> {
  const key = `${language} ${part}`;
  const known = fetched.get(key);
  if (known) return known;
  const source = sources[part][fileOf(language)];
  const words = source === undefined ? Promise.reject(new Error(`no ${key}`)) : source();
  fetched.set(key, words);
  words.catch(() => fetched.delete(key));
  return words;
}
