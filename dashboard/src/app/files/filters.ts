import { State, STATES } from '../wire/files';

/** Which files, as the page's address has it; `from` and `to` are days in UTC, both included. */
export interface Filters {
  readonly feed?: string | undefined;
  readonly state?: string | undefined;
  readonly prefix?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}
export const FILTERS = ['feed', 'state', 'prefix', 'from', 'to'] as const satisfies readonly (keyof Filters)[];

const DAY = 24 * 3600 * 1000;

/** The same as the API takes it: moments, the last one excluded. What is no state or no day is left out. */
export function asked(filters: Filters, cursor: string | undefined): Record<string, string> {
  const wanted = {
    feed: filters.feed,
    state: STATES.find((state: State) => state === filters.state),
    prefix: filters.prefix,
    from: midnight(filters.from, 0),
    to: midnight(filters.to, DAY),
    cursor,
  };
  return Object.fromEntries(Object.entries(wanted).filter((one): one is [string, string] => Boolean(one[1])));
}

function midnight(day: string | undefined, later: number): string | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(day ?? '') ? Date.parse(`${day ?? ''}T00:00:00Z`) : NaN;
  return Number.isNaN(at) ? undefined : new Date(at + later).toISOString();
}
