import { Tone } from '../show/chip';
import { grouped } from '../show/numbers';
import { Day } from '../wire/days';

export const WINDOW = 30;

/** One day of a feed: what became of its files, in a look and in words. */
export interface Cell {
  readonly day: string;
  readonly tone: Tone | 'none' | 'rest';
  readonly hint: string;
}

/** A feed's days, oldest first, and those between Monday and Friday that have no file. */
export interface Calendar {
  readonly feed: string;
  readonly cells: readonly Cell[];
  readonly missing: readonly string[];
}

/** Each feed's last days up to the newest day of any, by name. */
export function calendars(days: readonly Day[]): Calendar[] {
  const last = days.reduce((before, { day }) => (day > before ? day : before), '');
  const by = new Map<string, Map<string, Day>>();
  for (const one of days) by.set(one.feed, (by.get(one.feed) ?? new Map<string, Day>()).set(one.day, one));
  return [...by].map(([feed, of]) => {
    const cells = upTo(last).map((day) => cell(day, of.get(day)));
    return { feed, cells, missing: cells.filter(({ tone }) => tone === 'none').map(({ day }) => day) };
  });
}

function upTo(last: string): string[] {
  const end = Date.parse(`${last}T00:00:00Z`);
  return Array.from({ length: WINDOW }, (_, back) =>
    new Date(end - (WINDOW - 1 - back) * 86_400_000).toISOString().slice(0, 10),
  );
}

function cell(day: string, of: Day | undefined): Cell {
  if (!of) {
    const rest = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
    return { day, tone: rest ? 'rest' : 'none', hint: `${day}: no file${rest ? ', a weekend' : ''}` };
  }
  const files = `${day}: ${grouped(of.files)} ${of.files === 1 ? 'file' : 'files'}`;
  if (of.quarantined) return { day, tone: 'bad', hint: `${files}, ${grouped(of.quarantined)} quarantined` };
  if (of.owed) return { day, tone: 'busy', hint: `${files}, ${grouped(of.owed)} owed` };
  return { day, tone: 'good', hint: files };
}
