import { expect, test } from 'vitest';

import { isLoopback } from './address';

test.each(['http://127.0.0.1:5000/r/lobby', 'localhost:5000/r/K7M2QX', 'http://[::1]:5000/', 'http://rollcall.localhost'])(
  'knows that %s works on one computer alone',
  (address) => {
    expect(isLoopback(address)).toBe(true);
  },
);

test.each(['http://192.168.0.5:5000/r/lobby', 'https://vote.example.org/r/K7M2QX', '127.example.org', ''])(
  'lets %s pass',
  (address) => {
    expect(isLoopback(address)).toBe(false);
  },
);
