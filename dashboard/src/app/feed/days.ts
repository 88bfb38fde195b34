import { Day } from '../wire/history';

const DAY = 24 * 3600 * 1000;

/** What became of a day's files: the worst of it. */
export type DayState =
  /** All are loaded. */
  | 'full'
  /** Some are set aside. */
  | 'bad'
  /** Some are to be loaded yet. */
  | 'busy'
  /** None came to be loaded: vanished, or ignored. */
  | 'still'
  /** No file, though there are some before and after. */
  | 'gap'
  /** No file on a weekend, of a feed whose calendar has weekdays alone. */
  | 'closed';

/** A day of the calendar. */
export interface Cell {
  readonly day: string;
  readonly is: DayState;
  /** How much of it there is, next to the middle day: 0 under a quarter … 3 above five quarters. */
  readonly level: number;
  readonly told: Day | null;
}
export type Measure = 'records' | 'files';

/** What a calendar shows. */
export interface Span {
  /** Its first and its last day, both included. */
  readonly from: string;
  readonly to: string;
  /** Of this day files may come yet. */
  readonly today: string;
  /** Whether the feed has no files on weekends. */
  readonly weekdays: boolean;
}

/** The days of a span that are known: from the first day with files on, gaps included. */
export function cells(days: readonly Day[], { from, to, today, weekdays }: Span, by: Measure): Cell[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const first = [...known.keys()].sort()[0];
  if (first === undefined) return [];
  const middle = median(days.map((day) => day[by]).filter((count) => count > 0));
  return range(from > first ? from : first, to)
    .filter((day) => known.has(day) || day < today)
    .map((day) => cell(day, known.get(day) ?? null, by, middle, weekdays));
}

/** The calendar's ends: whole weeks from a Monday on, up to `last`. */
export function firstOf(weeks: number, last: string): string {
  return later(monday(last), (1 - weeks) * 7);
}

/** The Monday of a day's week. */
export function monday(day: string): string {
  return later(day, -weekday(day));
}

/** So many days later. */
export function later(day: string, days: number): string {
  return iso(Date.parse(day) + days * DAY);
}

function cell(day: string, told: Day | null, by: Measure, middle: number, weekdays: boolean): Cell {
  if (!told) return { day, is: weekdays && weekend(day) ? 'closed' : 'gap', level: 0, told };
  const part = middle ? told[by] / middle : 1;
  return { day, is: stateOf(told), level: [0.25, 0.75, 1.25].filter((bound) => part >= bound).length, told };
}

function stateOf(day: Day): DayState {
  if (day.quarantined) return 'bad';
  if (day.owed) return 'busy';
  return day.loaded + day.superseded ? 'full' : 'still';
}

function range(from: string, to: string): string[] {
  const length = Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY + 1);
  return Array.from({ length }, (_, place) => later(from, place));
}

/** From Monday, 0, to Sunday, 6. */
function weekday(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

function weekend(day: string): boolean {
  return weekday(day) > 4;
}

function median(counts: readonly number[]): number {
  return [...counts].sort((one, other) => one - other)[Math.floor(counts.length / 2)] ?? 0;
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
