import { Revision, Trade } from '../wire/trades';

/** What of a trade another state may have otherwise, in the order of reading. */
const FIELDS = [
  'price', 'quantity', 'side', 'status', 'event_time', 'trade_date', 'currency', 'account', 'version',
] as const; // prettier-ignore

export interface Change {
  readonly name: string;
  readonly was: string;
  readonly is: string;
}

/** A step in a trade's life: what replaced a state, and what became another thereby. */
export interface Step {
  readonly revision: Revision;
  readonly changes: readonly Change[];
}

/** The steps of one trade, the latest first: each revision against the state after it; `now` is null where it is gone. */
export function steps(now: Trade | null, revisions: readonly Revision[]): Step[] {
  return revisions.map((revision, place) => {
    const after = place === 0 ? now : (revisions[place - 1] ?? null);
    return { revision, changes: after ? changes(revision, after) : [] };
  });
}

function changes(before: Trade, after: Trade): Change[] {
  const plain = FIELDS.map((name) => ({
    name: name.replace('_', ' '),
    was: text(before[name]),
    is: text(after[name]),
  }));
  const names = [...new Set([...Object.keys(before.attributes ?? {}), ...Object.keys(after.attributes ?? {})])];
  const more = names.map((name) => ({
    name,
    was: text(before.attributes?.[name]),
    is: text(after.attributes?.[name]),
  }));
  return [...plain, ...more].filter(({ was, is }) => was !== is);
}

/** A value as one reads it; what is not there is a dash. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
