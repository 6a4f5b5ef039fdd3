// Keeps the page and its files, so that a reload without a connection still shows the app. It never answers for the API, and
// never with an old page while the server can be reached: a page comes from the network first, a file by its hashed name.
const shelf = 'rollcall-shell-1';
const shell = '/';

// What a page needs, and the words of every language, of which it needs one.
const filesOf = (page) => [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
const wordsOf = (page) => /<meta name="words" content="([^"]*)"/.exec(page)?.[1].split(' ') ?? [];

/** Keeps a page and the files that it names; those of an earlier version go. */
async function keepPage(response) {
  const cache = await caches.open(shelf);
  const page = await response.clone().text();
  // The app's page is the same at each of its addresses; what a captive portal sends in its place is not kept.
  if (!page.includes('id="root"')) return;
  const kept = await cache.match(shell);
  if (kept !== undefined && (await kept.text()) === page) return;
  const files = filesOf(page);
  await cache.addAll(files);
  await cache.put(shell, response);
  const old = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => ![shell, ...files, ...wordsOf(page)].includes(path));
  await Promise.all(old.map((path) => cache.delete(path)));
}

async function answerPage(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(keepPage(response.clone()));
    return response;
  } catch (fault) {
    const kept = await (await caches.open(shelf)).match(shell);
    if (kept === undefined) throw fault;
    return kept;
  }
}

async function answerFile(event) {
  const cache = await caches.open(shelf);
  const kept = await cache.match(event.request, { ignoreVary: true });
  if (kept !== undefined) return kept;
  const response = await fetch(event.request);
  if (response.ok) event.waitUntil(cache.put(event.request, response.clone()));
  return response;
}

self.addEventListener('install', (event) => {
  event.waitUntil(fetch(shell, { cache: 'no-cache' }).then(keepPage).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== shelf).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  event.waitUntil(caches.open(shelf).then((cache) => cache.addAll(event.data)));
});

self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || origin !== self.location.origin) return;
  const isPage = mode === 'navigate' && /^\/($|signin$|account$|reset$|r\/)/.test(pathname);
  if (isPage) event.respondWith(answerPage(event));
  else if (pathname.startsWith('/assets/')) event.respondWith(answerFile(event));
});
