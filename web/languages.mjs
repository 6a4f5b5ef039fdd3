// Gives the page the words of a language in parts, each fetched by those who read it. A language is one file,
// src/locales/<language>.json, or one beside host.<language>.json and log.<language>.json. A part is named in the query:
// `ko.json?part=host`. Which section is in which part is the same in each language: as it is in Korean.
import { existsSync, readFileSync } from 'node:fs';

const folder = new URL('src/locales/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const readIfThere = (name) => (existsSync(new URL(name, folder)) ? read(name) : {});

const pick = (words, sections) =>
  Object.fromEntries(sections.filter((section) => section in words).map((section) => [section, words[section]]));

/** The sections that a voter's phone never shows once it is in a room. */
const more = ['account', 'admin', 'developer', 'export', 'home', 'refused', 'screen'];
const embedded = ['answer', 'embed', 'link', 'results', 'state', 'verdict'];

/** A part of a language, as the pages read it. */
function readPart(language, part) {
  const base = read(`${language}.json`);
  const desk = Object.keys(read('host.ko.json'));
  switch (part) {
    case 'about':
      return base.about;
    case 'host':
      return { ...pick(base, desk), ...readIfThere(`host.${language}.json`) };
    case 'log':
      return { ...base.log, ...readIfThere(`log.${language}.json`) };
    case 'embed':
      return pick(base, embedded);
    case 'more':
      return pick(base, more);
    default:
      return pick(base, Object.keys(base).filter((section) => !['about', 'log', ...desk, ...more].includes(section)));
  }
}

/** What a page needs at once is one file, because it shrinks best so; before it, and apart from it, comes its first script. */
export const firstChunks = ['start.ts', 'main.tsx'].map((entry, at) => ({
  name: (id, graph) => (needs(new URL(`src/${entry}`, import.meta.url).pathname, graph).has(id) ? entry.split('.')[0] : null),
  priority: 2 - at,
}));

const needed = new Map();

/** The modules that an entry needs before it runs. */
function needs(entry, graph) {
  const found = needed.get(entry) ?? new Set([entry]);
  if (!needed.has(entry)) found.forEach((id) => graph.getModuleInfo(id)?.importedIds.forEach((each) => found.add(each)));
  needed.set(entry, found);
  return found;
}

export function languageParts() {
  return {
    name: 'language-parts',
    enforce: 'pre',
    load(id) {
      const [, language, part] = /\/locales\/(\w+)\.json\?part=(\w+)$/.exec(id) ?? [];
      if (part === undefined) return null;
      return { code: `export default ${JSON.stringify(readPart(language, part))}`, moduleType: 'js' };
    },
  };
}

/** Names in the page what its first script will ask for, so that all of it is fetched at once; and where the words are. */
export function preloads() {
  return {
    name: 'preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const find = (end) => chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.endsWith(end)));
        const [app] = find('/src/main.tsx');
        if (app === undefined) return [];
        const scripts = reach(app, chunks).filter((chunk) => !find('/src/start.ts').includes(chunk));
        const styles = scripts.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]);
        const words = find('.json?part=pages');
        return [
          ...scripts.map(({ fileName }) => link('modulepreload', fileName)),
          ...[...new Set(styles)].map((name) => link('stylesheet', name)),
          { tag: 'meta', attrs: { name: 'words', content: words.map(({ fileName }) => `/${fileName}`).join(' ') }, injectTo: 'head' },
        ];
      },
    },
  };
}

const link = (rel, name) => ({
  tag: 'link',
  attrs: { rel, crossorigin: true, href: `/${name}` },
  injectTo: 'head',
});

/** A chunk and those that it imports, however far. */
function reach(first, chunks) {
  const found = new Set([first]);
  found.forEach(({ imports }) => chunks.filter(({ fileName }) => imports.includes(fileName)).forEach((chunk) => found.add(chunk)));
  return [...found];
}
