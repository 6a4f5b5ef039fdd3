import { expect, test, vi } from 'vitest';

import { comeBackWhenTold } from './come-back';
import type { RollcallSocket } from './socket';

test('comes back when the server said, and as usual after that', () => {
  const handlers = new Map<string, (said: { retry_after: number }) => void>();
  const io = { reconnectionDelay: vi.fn(), reconnectionDelayMax: vi.fn() };
  const on = (event: string, handler: (said: { retry_after: number }) => void) => handlers.set(event, handler);
  comeBackWhenTold({ io, on } as unknown as RollcallSocket);

  handlers.get('server:stopping')?.({ retry_after: 4.5 });
  handlers.get('connect')?.({ retry_after: 0 });

  expect(io.reconnectionDelay.mock.calls).toEqual([[4500], [500]]);
  expect(io.reconnectionDelayMax.mock.calls).toEqual([[4500], [3000]]);
});
