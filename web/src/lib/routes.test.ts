// Types alone: `npm run typecheck` is what fails here.
import { expectTypeOf, test } from 'vitest';

import type { Answer } from './routes';
import type { Poll, Room } from './contract';

test('an answer is found by method and path', () => {
  expectTypeOf<Answer<'GET', `/rooms/${string}`>>().toEqualTypeOf<Room>();
  expectTypeOf<Answer<'POST', `/polls/${number}/open`>>().toEqualTypeOf<Poll>();
  expectTypeOf<Answer<'GET', `/rooms/${string}/polls?cursor=${number}`>['items']>().toEqualTypeOf<Poll[]>();
  expectTypeOf<Answer<'DELETE', `/polls/${number}`>>().toEqualTypeOf<null>();
});

test('a path or a method that the API does not have tells nothing of its answer', () => {
  expectTypeOf<Answer<'GET', '/nonsense/here'>>().toBeUnknown();
  expectTypeOf<Answer<'PUT', `/rooms/${string}`>>().toBeUnknown();
});
