// Copying, where the browser lets a page: not over plain HTTP, nor in some messengers.

export function canCopy(): boolean {
  return window.isSecureContext && 'clipboard' in navigator;
}

/** Returns whether the text is on the clipboard now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
