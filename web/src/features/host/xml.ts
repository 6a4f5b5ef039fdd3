// Walks through a workbook's XML. It knows no declarations of entities, so nothing in it can unfold; no markup is kept.
import { WorkbookFault } from './roll-file';

export type Walker = {
  open?: (name: string, attribute: (name: string) => string | null) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
};

// No letter may be read in two ways by these: a file of a few kilobytes would keep the page busy for hours.
const tag = /<(\/?)([^\s"'/<>]+)((?:[\s/][^"'<>]*(?:"[^"<]*"[^"'<>]*|'[^'<]*'[^"'<>]*)*)?)>/y;
const attributes = /\s*([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gy;
const skipped = [
  ['<?', '?>'],
  ['<!--', '-->'],
] as const;

/** Calls the walker for each part, with names without their prefix. */
export function walkXml(xml: string, { open, close, text }: Walker): void {
  for (let at = 0; at < xml.length; ) {
    const next = xml.indexOf('<', at);
    if (next !== at) {
      text?.(unescape(xml.slice(at, next === -1 ? undefined : next)));
      if (next === -1) return;
    }
    const skip = skipped.find(([begins]) => xml.startsWith(begins, next));
    if (skip !== undefined) {
      const end = xml.indexOf(skip[1], next);
      if (end === -1) throw new WorkbookFault('unread');
      at = end + skip[1].length;
      continue;
    }
    if (xml.startsWith('<![CDATA[', next)) {
      const end = xml.indexOf(']]>', next);
      if (end === -1) throw new WorkbookFault('unread');
      text?.(xml.slice(next + 9, end));
      at = end + 3;
      continue;
    }
    tag.lastIndex = next;
    const found = tag.exec(xml);
    // Also a document type, which alone can declare entities.
    if (found === null || xml.startsWith('<!', next)) throw new WorkbookFault('unread');
    const [whole, ends, full = '', rest = ''] = found;
    const name = full.slice(full.indexOf(':') + 1);
    at = next + whole.length;
    if (ends === '/') close?.(name);
    else {
      open?.(name, (wanted) => readAttribute(rest, wanted));
      if (rest.endsWith('/')) close?.(name);
    }
  }
}

function readAttribute(rest: string, wanted: string): string | null {
  for (const [, name, double, single] of rest.matchAll(attributes)) {
    if (name === wanted) return unescape(double ?? single ?? '');
  }
  return null;
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
