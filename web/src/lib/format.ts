// How numbers and times are written, in the reader's language.
import { isElsewhere, nameZone, usableZone } from './zone';

const dayStyle = { dateStyle: 'medium', timeStyle: 'short' } as const;

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
  return nameWhereElsewhere(formatDay(time, language, zone), time, language, zone);
}

/** A time of day, where the zone is named apart, as once for a list by a ZoneNote. */
export function formatListed(time: string, language: string, zone?: string): string {
  return formatIn(time, language, { timeStyle: 'short' }, zone);
}

/** A date and a time of day, where the zone is named apart. */
export function formatDay(time: string, language: string, zone?: string): string {
  return formatIn(time, language, dayStyle, zone);
}

/** The zone's name where the reader's clock differs; otherwise null. */
export function formatZone(time: string, language: string, zone?: string): string | null {
  return zone && isElsewhere(time, zone) ? nameZone(time, zone, language) : null;
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
  const named = formatZone(time, language, zone);
  return named === null ? text : `${text} (${named})`;
}
