import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { makeEnterReader, type Press } from './enter';

const plain: Press = { key: 'Enter', code: 'Enter', keyCode: 13, isComposing: false, shiftKey: false, repeat: false };
const composing: Press = { ...plain, keyCode: 229, isComposing: true };
const safari: Press = { ...plain, keyCode: 229 };
const nameless: Press = { ...plain, key: 'Unidentified', code: '', keyCode: 229 };

type Step = Press | { composed: string } | 'line break' | 'key up' | 'a moment';

/** How often a row of events sends, and how many line breaks it leaves. */
function play(steps: Step[]) {
  const reader = makeEnterReader();
  let [sent, breaks] = [0, 0];
  for (const step of steps) {
    if (step === 'key up') reader.rest();
    else if (step === 'a moment') vi.runAllTimers();
    else if (step === 'line break') {
      const answer = reader.lineBreak();
      if (answer === 'send') sent += 1;
      if (answer === 'leave') breaks += 1;
    } else if ('composed' in step) reader.compositionend(step.composed, () => (sent += 1));
    else if (reader.keydown(step) === 'send') sent += 1;
  }
  vi.runAllTimers();
  return { sent, breaks };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('an Enter that finishes a Hangul syllable is sent once and leaves no line break', () => {
  test.each<[string, Step[]]>([
    ['Chrome', [composing, { composed: '요' }, plain, 'key up']],
    ['Chrome, the second keydown late', [composing, { composed: '요' }, 'a moment', plain, 'key up']],
    ['Chrome on Windows', [{ ...composing, key: 'Process' }, { composed: '요' }, 'key up']],
    ['Firefox', [composing, { composed: '요' }, 'line break', 'key up']],
    ['Firefox, the line break late', [composing, { composed: '요' }, 'a moment', 'line break', 'key up']],
    ['Safari', [{ composed: '요' }, safari, 'key up']],
    ['one keydown and nothing else', [composing, { composed: '안녕' }]],
    ['a phone that names no key', [nameless, { composed: '요' }, nameless, 'line break']],
    ['a lone jamo', [composing, { composed: 'ㅋ' }, 'key up']],
    ['a key that is held', [composing, { composed: '요' }, plain, { ...plain, repeat: true }, { ...plain, repeat: true }]],
  ])('in %s', (_, steps) => {
    expect(play(steps)).toEqual({ sent: 1, breaks: 0 });
  });
});

test('two presses send twice, however late the first key comes up', () => {
  expect(play([plain, 'key up', plain, 'key up']).sent).toBe(2);
  expect(play([composing, { composed: '요' }, 'key up', 'a moment', plain, 'key up']).sent).toBe(2);
  expect(play([composing, { composed: '요' }, plain, 'key up', composing, { composed: '요' }, plain]).sent).toBe(2);
});

test.each<[string, Step[]]>([
  ['Chrome', [composing, { composed: '日本' }, 'key up']],
  ['Safari', [{ composed: '日本' }, safari, 'key up']],
  ['a syllable that goes on being composed', [composing, 'key up']],
])('an Enter that chooses a word is not sent, in %s', (_, steps) => {
  expect(play(steps)).toEqual({ sent: 0, breaks: 0 });
});

test.each<[string, Step[]]>([
  ['plain', [{ ...plain, shiftKey: true }, 'line break', 'key up']],
  ['while a syllable is composed', [{ ...composing, shiftKey: true }, { composed: '요' }, 'line break', 'key up']],
])('Shift and Enter break the line, %s', (_, steps) => {
  expect(play(steps)).toEqual({ sent: 0, breaks: 1 });
});
