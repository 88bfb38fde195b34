import * as v from 'valibot';

import { count } from './parts';

/** A key of a feed's table, as tradewind.toml would have it; `set` where it has it. */
export const Setting = v.object({ key: v.string(), value: v.string(), set: v.boolean() });
export const InForce = v.object({ settings: v.array(Setting) });
export type InForce = v.InferOutput<typeof InForce>;

/** Rejects of one column and reason; `file_id` is the newest of the files in which they stand. */
export const Reason = v.object({
  column_name: v.nullable(v.string()),
  reason: v.string(),
  rejects: count,
  files: count,
  file_id: count,
});
/** The most frequent first; `counted` are the rejects that were looked at, the newest. */
export const Reasons = v.object({ counted: count, reasons: v.array(Reason) });
