// Copying also where the page came over plain HTTP, as in a hall's network: by the browser's older way.
import { canCopy, copyText } from '../../lib/clipboard';

/** Returns whether the text is on the clipboard now. */
export async function copyAnywhere(text: string): Promise<boolean> {
  if (canCopy() && (await copyText(text))) return true;
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without HTTPS
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
