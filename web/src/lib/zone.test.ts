import { describe, expect, test } from 'vitest';

import { hasZone, nameZone, toInstant, toLocal, usableZone } from './zone';

const seoul = 'Asia/Seoul';
const berlin = 'Europe/Berlin';

describe('toInstant', () => {
  test.each([
    ['2026-11-20T18:00', seoul, '2026-11-20T09:00:00.000Z'],
    ['2026-07-01T12:00', berlin, '2026-07-01T10:00:00.000Z'],
    ['2026-01-01T00:00', 'America/New_York', '2026-01-01T05:00:00.000Z'],
    ['2026-03-29T01:59', berlin, '2026-03-29T00:59:00.000Z'],
    ['2026-03-29T03:00', berlin, '2026-03-29T01:00:00.000Z'],
  ])('reads %s in %s', (local, zone, instant) => {
    expect(toInstant(local, zone)).toBe(instant);
  });

  test('takes the first of the two when the clock is set back', () => {
    expect(toInstant('2026-10-25T02:30', berlin)).toBe('2026-10-25T00:30:00.000Z');
  });

  test.each(['2026-03-29T02:30', '', 'soon'])('finds no instant for "%s" in Berlin', (local) => {
    expect(toInstant(local, berlin)).toBeNull();
  });
});

describe('toLocal', () => {
  test.each([
    ['2026-11-20T15:00:00.000Z', seoul, '2026-11-21T00:00'],
    ['2026-10-25T01:30:00.000Z', berlin, '2026-10-25T02:30'],
  ])('shows %s in %s', (instant, zone, local) => {
    expect(toLocal(instant, zone)).toBe(local);
  });
});

describe('a zone that the browser lacks', () => {
  test.each(['localtime', 'Nowhere/City', 'Asia/Seoul\u0000', '+99:99', 'null'])('"%s" is read as UTC', (zone) => {
    expect(hasZone(zone)).toBe(false);
    expect(usableZone(zone)).toBe('UTC');
    expect(toLocal('2026-11-20T15:00:00.000Z', zone)).toBe('2026-11-20T15:00');
    expect(toInstant('2026-11-20T15:00', zone)).toBe('2026-11-20T15:00:00.000Z');
    expect(nameZone('2026-11-20T15:00:00.000Z', zone, 'ko')).toBe('UTC');
  });
});
