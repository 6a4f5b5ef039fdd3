// Installs the service worker that keeps the page for a reload without a connection, where the browser lets it: over HTTPS, or on
// the server's own computer. It waits until the page is there, so that it takes nothing from the first sight.

export function installShell(): void {
  if (!('serviceWorker' in navigator)) return;
  // Without it, everything but a reload without a connection works.
  const install = () => void navigator.serviceWorker.register('/sw.js').then(tellFiles).catch(() => undefined);
  if (document.readyState === 'complete') install();
  else window.addEventListener('load', install);
}

/** The page names its scripts, but not which words it fetched: they are kept, too. */
async function tellFiles(): Promise<void> {
  const words = document.querySelector<HTMLMetaElement>('meta[name=words]')?.content.split(' ') ?? [];
  const fetched = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(words.filter((file) => fetched.includes(file)));
}
