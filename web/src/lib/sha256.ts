// SHA-256 (FIPS 180-4): the browser's own where it has one, else this one. Browsers offer theirs in a secure context
// alone, and a hall's server is often reached by plain HTTP.

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // Not there at all outside a secure context, whatever the types say.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  return subtle === undefined ? sha256Here(bytes) : new Uint8Array(await subtle.digest('SHA-256', bytes));
}

const fraction = (root: number) => Math.floor((root - Math.floor(root)) * 2 ** 32);
const primes = [2];
for (let each = 3; primes.length < 64; each += 2) {
  if (primes.every((prime) => each % prime !== 0)) primes.push(each);
}
/** The first 32 bits of the fractions of the primes' square and cube roots (FIPS 180-4, 4.2.2 and 5.3.3). */
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const rounds = primes.map((prime) => fraction(Math.cbrt(prime)));

const at = (words: ArrayLike<number>, index: number) => words[index] ?? 0;
const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by));

/** The same without the browser's. */
export function sha256Here(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length * 8);
  const hash = Uint32Array.from(start);
  for (let offset = 0; offset < padded.length; offset += 64) addBlock(hash, view, offset);
  const result = new DataView(new ArrayBuffer(32));
  hash.forEach((word, index) => result.setUint32(index * 4, word));
  return new Uint8Array(result.buffer);
}

function addBlock(hash: Uint32Array, view: DataView, offset: number): void {
  const words = new Uint32Array(64);
  for (let i = 0; i < 64; i++) {
    if (i < 16) {
      words[i] = view.getUint32(offset + i * 4);
      continue;
    }
    const [near, far] = [at(words, i - 2), at(words, i - 15)];
    const sigma0 = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
    const sigma1 = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    words[i] = at(words, i - 16) + sigma0 + at(words, i - 7) + sigma1;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + at(rounds, i) + at(words, i)) >>> 0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) >>> 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    hash[index] = at(hash, index) + word;
  });
}
