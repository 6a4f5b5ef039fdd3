// Finding somebody of the roll while they stand at the door: by a part of the name, its first consonants, or the number. Pure.
import type { Row } from '../../lib/contract';

const firsts = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const fold = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s/g, '');

/** 김하늘 → ㄱㅎㄴ; what is no Hangul syllable stays. */
export function firstConsonants(name: string): string {
  return Array.from(name.normalize('NFC'))
    .map((letter) => {
      const place = letter.charCodeAt(0) - 0xac00;
      return place >= 0 && place < 11_172 ? (firsts[Math.floor(place / 588)] ?? letter) : letter;
    })
    .join('');
}

type Sought = Pick<Row, 'name' | 'ref' | 'email'> & Partial<Pick<Row, 'columns'>>;

export function findRows<T extends Sought>(rows: readonly T[], sought: string): T[] {
  // Not NFKC for consonants: it would make other letters of them.
  const consonants = sought.replace(/\s/g, '');
  const byConsonants = consonants !== '' && Array.from(consonants).every((letter) => firsts.includes(letter));
  const wanted = fold(sought);
  if (wanted === '') return [...rows];
  return rows.filter((row) =>
    byConsonants
      ? firstConsonants(row.name).replace(/\s/g, '').includes(consonants)
      : [row.name, row.ref, row.email, ...Object.values(row.columns ?? {})].some((text) => text !== null && fold(text).includes(wanted)),
  );
}
