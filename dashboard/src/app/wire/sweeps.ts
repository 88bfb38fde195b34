import * as v from 'valibot';

import { count, day, moment } from './parts';

export const WHYS = ['start', 'beat', 'command', 'backfill', 'gap'] as const;

/** One comparison of a store's listing with the ledger; see "The sweep" in docs/reference.md. Times in UTC. */
export const Sweep = v.object({
  reconciliation_id: count,
  feed: v.string(),
  why: v.picklist(WHYS),
  started_at: moment,
  ended_at: v.nullable(moment),
  seconds: v.number(),
  list_calls: count,
  objects: count,
  outside: count,
  ignored: count,
  known: count,
  awaited: count,
  missed: count,
  overwritten: count,
  returned: count,
  owed_too_long: count,
  vanished: count,
  phantom: count,
  first_day: v.nullable(day),
  last_day: v.nullable(day),
  under: v.nullable(v.string()),
  incomplete: v.nullable(v.string()),
  run_id: v.nullable(count),
});
export type Sweep = v.InferOutput<typeof Sweep>;

/** A page of them, newest first, and the cursor of the next. */
export const Sweeps = v.object({ reconciliations: v.array(Sweep), next: v.nullable(v.string()) });

/** How feeds find their files. */
export const Discoveries = v.object({
  feeds: v.array(v.object({ feed: v.string(), discovery: v.nullable(v.string()) })),
});
