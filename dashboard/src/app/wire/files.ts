import * as v from 'valibot';

import { count, day, moment } from './parts';

export const STATES = [
  'discovered',
  'loading',
  'loaded',
  'superseded',
  'quarantined',
  'vanished',
  'waiting',
  'ignored',
  'unloaded',
] as const;
/** Where an object version is in its life; see "The life of a file" in docs/reference.md. */
export const State = v.picklist(STATES);
export type State = v.InferOutput<typeof State>;

/** Who told of a file first; `sweep`: nobody had, until the listing showed it. */
export const SEEN_BY = ['events', 'listing', 'sweep', 'backfill', 'operator', 'archive'] as const;

/** What became of a file's records; null before it was read. */
export const OUTCOMES = [
  'inserted',
  'updated',
  'unchanged',
  'duplicate',
  'stale',
  'pending',
  'rejected',
  'ignored',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

const maybe = v.nullable(count);

/** One object version; times in UTC, size in bytes. */
export const File = v.object({
  file_id: count,
  feed: v.string(),
  uri: v.string(),
  version: v.string(),
  size: count,
  modified_at: moment,
  state: State,
  reason: v.nullable(v.string()),
  attempts: count,
  seen_by: v.string(),
  registered_at: moment,
  loaded_at: v.nullable(moment),
  min_date: v.nullable(day),
  max_date: v.nullable(day),
  lines: maybe,
  records: maybe,
  inserted: maybe,
  updated: maybe,
  unchanged: maybe,
  duplicate: maybe,
  stale: maybe,
  pending: maybe,
  rejected: maybe,
  ignored: maybe,
});
export type File = v.InferOutput<typeof File>;

/** A page of them, and the cursor of the next. */
export const Files = v.object({ files: v.array(File), next: v.nullable(v.string()) });
export type Files = v.InferOutput<typeof Files>;

/** A line that became no trade; `line` counts from 1, `raw` is the line as it stands in the file. */
export const Reject = v.object({
  reject_id: count,
  line: count,
  column_name: v.nullable(v.string()),
  reason: v.string(),
  raw: v.string(),
  raw_escaped: v.boolean(),
});
export type Reject = v.InferOutput<typeof Reject>;

const Moment = v.object({ state: State, at: moment, reason: v.nullable(v.string()) });
const Version = v.object({ file_id: count, version: v.string(), size: count, modified_at: moment, state: State });

/** One file with its timeline, the versions of its uri (newest first) and the first of its rejects. */
export const OneFile = v.object({
  ...File.entries,
  dataset: v.string(),
  profile_version: v.nullable(v.string()),
  framing_lines: maybe,
  record_lines: maybe,
  timeline: v.array(Moment),
  versions: v.array(Version),
  rejects: v.object({ rejects: v.array(Reject), next: v.nullable(v.string()) }),
});
export type OneFile = v.InferOutput<typeof OneFile>;
