import * as v from 'valibot';

import { Feed } from './feeds';
import { count, moment } from './parts';

/** What the live view sends; see "Live" in docs/api.md. */
export const Snapshot = v.object({ epoch: v.string(), seq: count, at: moment, feeds: v.array(Feed) });
export type Snapshot = v.InferOutput<typeof Snapshot>;

export const Batch = v.object({
  feed: v.string(),
  batch_id: count,
  files: count,
  inserted: count,
  updated: count,
  unchanged: count,
});
export type Batch = v.InferOutput<typeof Batch>;

export const Changed = v.object({
  epoch: v.string(),
  seq: count,
  at: moment,
  feeds: v.array(Feed),
  batches: v.array(Batch),
  left_out: count,
});
export type Changed = v.InferOutput<typeof Changed>;

export const Beat = v.object({ epoch: v.string(), seq: count, live: v.boolean() });
export type Beat = v.InferOutput<typeof Beat>;

/** What a refusal of the connection carries. */
export const Refusal = v.object({
  message: v.string(),
  data: v.optional(v.object({ status: count, cure: v.optional(v.string()) })),
});
