// How numbers and times are written, in the reader's language.
import { isElsewhere, nameZone, usableZone } from './zone';

export function formatShare(share: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(share);
}

export function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count);
}

/** A date and a time of day. `zone` is the room's, where there is a room; it is named where the reader's clock differs. */
export function formatTime(time: string, language: string, zone?: string): string {
  return nameWhereElsewhere(formatIn(time, language, { dateStyle: 'medium', timeStyle: 'short' }, zone), time, language, zone);
}

/** A time of day; as formatTime. */
export function formatClock(time: string, language: string, zone?: string): string {
  return nameWhereElsewhere(formatListed(time, language, zone), time, language, zone);
}

/** A time of day in a list that names the zone once, by a ZoneNote. */
export function formatListed(time: string, language: string, zone?: string): string {
  return formatIn(time, language, { timeStyle: 'short' }, zone);
}

/** "3:05", "1:03:05". */
export function formatCountdown(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

function formatIn(time: string, language: string, style: Intl.DateTimeFormatOptions, zone?: string): string {
  const timeZone = zone && usableZone(zone);
  return new Intl.DateTimeFormat(language, { ...style, ...(timeZone && { timeZone }) }).format(new Date(time));
}

function nameWhereElsewhere(text: string, time: string, language: string, zone?: string): string {
  return zone && isElsewhere(time, zone) ? `${text} (${nameZone(time, zone, language)})` : text;
}
