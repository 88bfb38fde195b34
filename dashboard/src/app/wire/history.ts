import * as v from 'valibot';

import { count, day, moment } from './parts';

const seconds = v.nullable(v.number());

/** What was committed in one step, and the lag in seconds of the files that were first seen in it. */
export const Step = v.object({
  at: moment,
  batches: count,
  files: count,
  quarantined: count,
  records: count,
  inserted: count,
  updated: count,
  unchanged: count,
  rejected: count,
  seen: count,
  seen_p50_seconds: seconds,
  seen_p99_seconds: seconds,
});
export type Step = v.InferOutput<typeof Step>;

/** A feed's past from `since` to `until`; a step in which nothing happened has no row. */
export const History = v.object({ since: moment, until: moment, step_seconds: count, steps: v.array(Step) });
export type History = v.InferOutput<typeof History>;

/** Lag in seconds over a window, of the `files` that were first seen in it. */
export const Freshness = v.object({
  feed: v.string(),
  files: count,
  seen_p50_seconds: seconds,
  seen_p99_seconds: seconds,
  written_p50_seconds: seconds,
  written_p99_seconds: seconds,
  oldest_owed: v.nullable(moment),
});
export type Freshness = v.InferOutput<typeof Freshness>;
export const FreshnessOfAll = v.object({ feeds: v.array(Freshness) });

/** A day of a feed: its files by what became of them, its records by outcome. */
export const Day = v.object({
  day,
  files: count,
  loaded: count,
  superseded: count,
  owed: count,
  quarantined: count,
  vanished: count,
  files_ignored: count,
  records: count,
  inserted: count,
  rejected: count,
});
export type Day = v.InferOutput<typeof Day>;

/** Newest first; a day without files has no row. */
export const Completeness = v.object({ days: v.array(Day) });
