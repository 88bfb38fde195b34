import { SIDES, STATUSES } from '../wire/trades';

/** Which trades, as the page's address has it: days of the session, both included; moments in UTC, the last excluded. */
export interface Filters {
  readonly dataset?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly id?: string | undefined;
  readonly symbol?: string | undefined;
  readonly venue?: string | undefined;
  readonly side?: string | undefined;
  readonly status?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}
export const FILTERS = [
  'dataset', 'from', 'to', 'id', 'symbol', 'venue', 'side', 'status', 'since', 'until',
] as const satisfies readonly (keyof Filters)[]; // prettier-ignore
/** Those of the second row. */
export const MORE = ['venue', 'side', 'status', 'since', 'until'] as const satisfies readonly (keyof Filters)[];

/** What the API is asked; null while it is not known of which days, or where the address names none. */
export function asked(filters: Filters): Record<string, string> | null {
  const { dataset, symbol, venue, id } = filters;
  const from = day(filters.from);
  if (!dataset || !from) return null;
  return told({
    dataset,
    from,
    to: day(filters.to),
    trade_id: id,
    symbol,
    venue,
    side: SIDES.find((side) => side === filters.side),
    status: STATUSES.find((status) => status === filters.status),
    since: moment(filters.since),
    until: moment(filters.until),
  });
}

/** The question for trades of one id, of whatever day; null without an id. */
export function askedById({ dataset, id, symbol, venue }: Filters): Record<string, string> | null {
  return dataset && id ? told({ dataset, trade_id: id, symbol, venue }) : null;
}

/** A moment as a field for local times wants it; nothing for what is none. */
export function inField(told: string | undefined): string {
  const at = new Date(moment(told) ?? NaN);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** What such a field holds, as a moment in UTC. */
export function fromField(value: string): string | null {
  const at = new Date(value);
  return value && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}

function told(wanted: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter((one): one is [string, string] => Boolean(one[1])));
}

function day(told: string | undefined): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(told ?? '') && !Number.isNaN(Date.parse(told ?? '')) ? told : undefined;
}

function moment(told: string | undefined): string | undefined {
  return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(told ?? '') && !Number.isNaN(Date.parse(told ?? ''))
    ? told
    : undefined;
}
