import { KINDS, RUN_STATES } from '../wire/runs';

/** Which runs, as the page's address has it. */
export interface Filters {
  readonly feed: string | undefined;
  readonly kind: string | undefined;
  readonly state: string | undefined;
}
export const FILTERS = ['feed', 'kind', 'state'] as const satisfies readonly (keyof Filters)[];

/** The same as the API takes it; what is no kind or no state is left out. */
export function asked({ feed, kind, state }: Filters, cursor: string | undefined): Record<string, string> {
  const wanted = {
    feed,
    kind: KINDS.find((one) => one === kind),
    state: RUN_STATES.find((one) => one === state),
    cursor,
  };
  return Object.fromEntries(Object.entries(wanted).filter((one): one is [string, string] => Boolean(one[1])));
}
