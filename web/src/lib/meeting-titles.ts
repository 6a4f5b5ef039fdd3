// How a meeting is called: one that nobody named has the date as its title, which each reader's language writes its own way.
import type { Meeting } from './contract';

const date = /^\d{4}-\d\d-\d\d$/;

export function meetingTitle({ title }: Pick<Meeting, 'title'>, language: string): string {
  const day = date.test(title) ? new Date(`${title}T00:00:00Z`) : null;
  if (day === null || Number.isNaN(day.getTime())) return title;
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(day);
}
