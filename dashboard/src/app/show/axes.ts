import { age } from './times';

/** Numbers, times and days as axes and tables of charts have them, in the viewer's way of writing. */
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dated = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const weekdays = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' });
const months = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' });
const MINUTE = 60;
/** Milliseconds: up to so many the time of day is told, from then on the day. */
const TWO_DAYS = 2 * 24 * 3600 * 1000;

/** Three digits and a letter: 1.23K. */
export function brief(count: number): string {
  return compact.format(count);
}

/** Seconds with three digits, "85 ms", "1.25 s", and from a minute on in two units. */
export function lasting(seconds: number): string {
  if (seconds >= MINUTE) return age(seconds);
  return seconds > 0 && seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Number(seconds.toPrecision(3))} s`;
}

/** A moment (milliseconds) on an axis that is `span` milliseconds long, in the viewer's zone. */
export function short(at: number, span: number): string {
  return (span > TWO_DAYS ? calendar : clock).format(at);
}

/** A day, "2026-01-05": days have no zone. */
export function dayHere(day: string): string {
  return dated.format(new Date(day));
}

/** From Sunday on. */
export function weekdayNames(): string[] {
  return Array.from({ length: 7 }, (_, place) => weekdays.format(Date.UTC(2023, 0, place + 1)));
}

export function monthNames(): string[] {
  return Array.from({ length: 12 }, (_, place) => months.format(Date.UTC(2023, place, 1)));
}
