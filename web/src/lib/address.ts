// What can be said of an address by looking at it. Pure.

/** Whether only the computer that serves it can open it. */
export function isLoopback(address: string): boolean {
  let host: string;
  try {
    host = new URL(/^https?:\/\//.test(address) ? address : `http://${address}`).hostname;
  } catch {
    return false;
  }
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
