// Reads files out of a ZIP archive, and never more of them than was asked for: a few kilobytes can hold gigabytes.
import { WorkbookFault } from './roll-file';

/** How much one archive may unpack to, in bytes. */
const mostUnpacked = 32 << 20;
const mostEntries = 1000;
const stored = 0;
const deflated = 8;

type Entry = { method: number; packed: number; offset: number };

export class Archive {
  private left = mostUnpacked;

  private constructor(
    private readonly bytes: Uint8Array<ArrayBuffer>,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Reads what the archive has, without unpacking it. */
  static of(bytes: Uint8Array<ArrayBuffer>): Archive {
    return new Archive(bytes, readDirectory(bytes));
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** A file's text; null where there is none. */
  async text(name: string): Promise<string | null> {
    const entry = this.entries.get(name);
    if (entry === undefined) return null;
    const packed = this.packedOf(entry);
    if (entry.method === stored) {
      this.take(packed.length);
      return new TextDecoder().decode(packed);
    }
    if (entry.method !== deflated) throw new WorkbookFault('unread');
    return this.inflate(packed);
  }

  private packedOf({ offset, packed }: Entry): Uint8Array<ArrayBuffer> {
    const view = viewOf(this.bytes);
    if (offset + 30 > this.bytes.length || view.getUint32(offset, true) !== 0x04034b50) throw new WorkbookFault('unread');
    const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (start + packed > this.bytes.length) throw new WorkbookFault('unread');
    return this.bytes.subarray(start, start + packed);
  }

  private async inflate(packed: Uint8Array<ArrayBuffer>): Promise<string> {
    const decoder = new TextDecoder();
    const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new WorkbookFault('unread');
      });
      if (done) return text + decoder.decode();
      if (value.length > this.left) void reader.cancel().catch(() => undefined);
      this.take(value.length);
      text += decoder.decode(value, { stream: true });
    }
  }

  private take(count: number): void {
    this.left -= count;
    if (this.left < 0) throw new WorkbookFault('large');
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) => new DataView(buffer, byteOffset, byteLength);

/** The central directory (APPNOTE 4.3.12), which stands at the end. */
function readDirectory(bytes: Uint8Array<ArrayBuffer>): Map<string, Entry> {
  const view = viewOf(bytes);
  let end = bytes.length - 22;
  while (end >= 0 && end >= bytes.length - 22 - 0xffff && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) throw new WorkbookFault('unread');
  const count = view.getUint16(end + 10, true);
  if (count > mostEntries) throw new WorkbookFault('large');
  const entries = new Map<string, Entry>();
  let at = view.getUint32(end + 16, true);
  for (let number = 0; number < count; number++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw new WorkbookFault('unread');
    if ((view.getUint16(at + 8, true) & 1) === 1) throw new WorkbookFault('unread'); // with a password
    const [nameLength, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [number, number, number];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const entry = {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    };
    if (!entries.has(name)) entries.set(name, entry);
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}
