// A room's own clock: instants as its zone's wall shows them, and back. A zone that the browser lacks is read as UTC.

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether this browser has the zone: old ones lack new names, and new ones drop old names. */
export function hasZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The zone that times are shown in: the one that is asked for, or UTC where the browser lacks it. */
export function usableZone(zone: string): string {
  return hasZone(zone) ? zone : 'UTC';
}

/** Whether the reader's own clock shows another time than the zone's, so that the zone has to be named. */
export function isElsewhere(instant: string | number, zone: string): boolean {
  if (!hasZone(zone)) return true;
  return toLocal(instant, zone) !== toLocal(instant, Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** A zone's name at an instant, such as "Korean Standard Time". */
export function nameZone(instant: string | number, zone: string, language: string): string {
  const timeZone = usableZone(zone);
  if (timeZone === 'UTC') return 'UTC';
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'long' }).formatToParts(new Date(instant));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: usableZone(zone),
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
  });
  clocks.set(zone, made);
  return made;
}

/** An instant as a field of type datetime-local has it: `2026-11-20T18:00`. */
export function toLocal(instant: string | number, zone: string): string {
  const parts = clockOf(zone).formatToParts(new Date(instant));
  const read = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${read('year').padStart(4, '0')}-${read('month')}-${read('day')}T${read('hour')}:${read('minute')}`;
}

/**
 * The instant, in RFC 3339, at which the zone's wall shows `local`; null where no clock ever shows it: it is no time, or
 * summer time skips it. Of two such instants, when summer time ends, the first.
 */
export function toInstant(local: string, zone: string): string | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return null;
  const day = 86_400_000;
  const offsets = [asUtc - day, asUtc + day].map((moment) => Date.parse(`${toLocal(moment, zone)}Z`) - moment);
  const instants = offsets.map((offset) => asUtc - offset).sort((a, b) => a - b);
  const found = instants.find((instant) => toLocal(instant, zone) === local);
  return found === undefined ? null : new Date(found).toISOString();
}
