import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { announce, listen } from './announcing';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('says at once what comes at the same moment, and nothing twice', () => {
  const said: string[] = [];
  const stop = listen((text) => said.push(text));

  announce('Poll A is closed.');
  announce('Poll B is open.');
  announce('Poll B is open.');
  vi.runAllTimers();
  announce('Ada moved to place 1.');
  vi.runAllTimers();

  expect(said).toEqual(['Poll A is closed. Poll B is open.', 'Ada moved to place 1.']);
  stop();
});
