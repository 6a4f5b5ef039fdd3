import { expect, test } from 'vitest';

import { explainRules } from './rules';
import { makePoll } from './samples';

const warned = (over: Parameters<typeof makePoll>[0], hasRoll = true) =>
  explainRules(makePoll(over), hasRoll)
    .filter((sentence) => sentence.warns)
    .map((sentence) => sentence.key);

test('a secret poll of the roll that shows its results at the end warns of nothing', () => {
  expect(warned({ eligibility: 'roll', secrecy: 'secret', results: 'closed' })).toEqual([]);
});

test.each(['accounts', 'anyone'] as const)('%s warns that it is not one person, one vote', (eligibility) => {
  expect(warned({ eligibility })).toEqual([`eligibility_${eligibility}`]);
});

test('live results of a secret poll warn of who watches', () => {
  expect(warned({ secrecy: 'secret', results: 'live' })).toEqual(['liveSecret']);
  expect(warned({ secrecy: 'named', results: 'live' })).toEqual([]);
});

test('a roll without voters is told before anybody waits for a ballot', () => {
  expect(warned({ eligibility: 'roll' }, false)).toEqual(['emptyRoll']);
});
