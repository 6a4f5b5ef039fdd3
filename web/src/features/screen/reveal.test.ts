import { expect, test } from 'vitest';

import { firstStage, nextStage, stageMs, type Stage } from './reveal';

const seen = { watched: true, hidden: true, still: false };

test('a result that was hidden rises, is told, and settles', () => {
  const stages: Stage[] = [firstStage(seen)];
  for (let stage = stages[0] ?? 'settled'; stageMs[stage] !== null; stages.push(stage)) stage = nextStage[stage];

  expect(stages).toEqual(['rising', 'told', 'settled']);
});

test('what was seen growing, or may not move, is told at once', () => {
  expect(firstStage({ ...seen, hidden: false })).toBe('told');
  expect(firstStage({ ...seen, still: true })).toBe('told');
});

test('a screen that comes after the close shows the result as it is', () => {
  expect(firstStage({ ...seen, watched: false })).toBe('settled');
});
