import { SEEN_BY, STATES } from '../wire/files';

/** Which files, as the page's address has it; `from` and `to` are days in UTC, both included, or moments. */
export interface Filters {
  readonly feed?: string | undefined;
  readonly state?: string | undefined;
  readonly prefix?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly seen_by?: string | undefined;
}
export const FILTERS = [
  'feed',
  'state',
  'prefix',
  'from',
  'to',
  'seen_by',
] as const satisfies readonly (keyof Filters)[];

const DAY = 24 * 3600 * 1000;

/** The same as the API takes it: moments, the last one excluded. What is no state, no day and no moment is left out. */
export function asked(filters: Filters): Record<string, string> {
  const wanted = {
    feed: filters.feed,
    state: STATES.find((state) => state === filters.state),
    prefix: filters.prefix,
    from: begin(filters.from, 0),
    to: begin(filters.to, DAY),
    seen_by: SEEN_BY.find((who) => who === filters.seen_by),
  };
  return Object.fromEntries(Object.entries(wanted).filter((one): one is [string, string] => Boolean(one[1])));
}

/** The moment that an address means, with its zone; null where it is none. */
export function moment(told: string | undefined): string | null {
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(told ?? '') ? Date.parse(told ?? '') : NaN;
  return Number.isNaN(at) ? null : (told ?? null);
}

function begin(told: string | undefined, later: number): string | undefined {
  const exact = moment(told);
  if (exact) return exact;
  const at = /^\d{4}-\d\d-\d\d$/.test(told ?? '') ? Date.parse(`${told ?? ''}T00:00:00Z`) : NaN;
  return Number.isNaN(at) ? undefined : new Date(at + later).toISOString();
}
