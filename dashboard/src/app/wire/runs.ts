import * as v from 'valibot';

import { count, moment } from './parts';

export const KINDS = ['stream', 'backfill', 'sweep', 'command'] as const;
export const RunKind = v.picklist(KINDS);
export type RunKind = v.InferOutput<typeof RunKind>;

export const RUN_STATES = ['queued', 'running', 'done', 'failed', 'stopped', 'lost'] as const;
/** Where a run is; `lost` is one whose process is gone without a word. */
export const RunState = v.picklist(RUN_STATES);
export type RunState = v.InferOutput<typeof RunState>;

const maybe = v.nullable(count);

/** One run of the program, times in UTC; `total_files` is known of a backfill once its listing is. */
export const Run = v.object({
  run_id: count,
  kind: RunKind,
  feeds: v.array(v.string()),
  host: v.string(),
  pid: count,
  state: RunState,
  reason: v.nullable(v.string()),
  stop_requested: v.boolean(),
  total_files: maybe,
  started_at: moment,
  ended_at: v.nullable(moment),
  command: v.nullable(v.array(v.string())),
  asked_by: v.nullable(v.string()),
  cancelled_by: v.nullable(v.string()),
  last_lines: v.nullable(v.string()),
  answer: v.nullable(v.array(v.record(v.string(), v.unknown()))),
});
export type Run = v.InferOutput<typeof Run>;

/** A page of them, and the cursor of the next. */
export const Runs = v.object({ runs: v.array(Run), next: v.nullable(v.string()) });
export type Runs = v.InferOutput<typeof Runs>;

/** What a run has committed; `done` is the part of its files that is worked off, 0 to 1. */
export const Progress = v.object({
  batches: count,
  files: count,
  records: count,
  inserted: count,
  updated: count,
  unchanged: count,
  rejected: count,
  quarantined: count,
  last_commit: v.nullable(moment),
  done: v.nullable(v.number()),
});
export type Progress = v.InferOutput<typeof Progress>;

export const OneRun = v.object({ ...Run.entries, progress: Progress });
export type OneRun = v.InferOutput<typeof OneRun>;

/** One merge; its numbers are null until it is committed. Sizes in bytes. */
export const RunBatch = v.object({
  batch_id: count,
  run_id: count,
  feed: v.string(),
  files: count,
  bytes: count,
  records: maybe,
  inserted: maybe,
  updated: maybe,
  unchanged: maybe,
  rejected: maybe,
  quarantined: maybe,
  started_at: moment,
  committed_at: v.nullable(moment),
});
export type RunBatch = v.InferOutput<typeof RunBatch>;

export const RunBatches = v.object({ batches: v.array(RunBatch), next: v.nullable(v.string()) });
export type RunBatches = v.InferOutput<typeof RunBatches>;

/** An action that was taken on: a run under its number, or for a cancelled run that run itself. */
export const Accepted = v.object({ run_id: count, state: RunState });
export type Accepted = v.InferOutput<typeof Accepted>;

/** Whether it may still change. */
export function underWay({ state }: { readonly state: RunState }): boolean {
  return state === 'queued' || state === 'running';
}
