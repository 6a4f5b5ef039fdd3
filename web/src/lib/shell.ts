// Installs the service worker that keeps the page for a reload without a connection, where the browser lets it: over HTTPS, or on
// the server's own computer. It waits until the page is there, so that it takes nothing from the first sight.

export function installShell(): void {
  if (!('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => {
    // Without it, everything but a reload without a connection works.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  });
}
