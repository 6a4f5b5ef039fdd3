// How numbers and times are written, in the reader's language.

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

/** `timeZone` is the room's, where there is a room. */
export function formatTime(time: string, language: string, timeZone?: string): string {
  return formatIn(time, language, { dateStyle: 'medium', timeStyle: 'short' }, timeZone);
}

export function formatClock(time: string, language: string, timeZone?: string): string {
  return formatIn(time, language, { timeStyle: 'short' }, timeZone);
}

/** "3:05", "1:03:05". */
export function formatCountdown(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

function formatIn(time: string, language: string, style: Intl.DateTimeFormatOptions, timeZone?: string): string {
  try {
    return new Intl.DateTimeFormat(language, { ...style, timeZone }).format(new Date(time));
  } catch {
    // A zone that this browser does not know.
    return new Intl.DateTimeFormat(language, style).format(new Date(time));
  }
}
