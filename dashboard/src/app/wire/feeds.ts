import * as v from 'valibot';

import { count, moment } from './parts';

/** One feed's totals, as `/api/v1/summary` and the live view tell them; times in UTC. */
export const Feed = v.object({
  feed: v.string(),
  dataset: v.string(),
  profile: v.string(),
  source: v.string(),
  paused: v.boolean(),
  files: count,
  owed: count,
  quarantined: count,
  vanished: count,
  records: count,
  inserted: count,
  updated: count,
  unchanged: count,
  duplicate: count,
  stale: count,
  pending: count,
  rejected: count,
  ignored: count,
  last_load: v.nullable(moment),
  last_status: v.nullable(v.picklist(['loaded', 'quarantined'])),
  newest_file: v.nullable(moment),
});
export type Feed = v.InferOutput<typeof Feed>;

/** Every feed of the configuration, and those that were at work once; a configured one may have loaded nothing yet. */
export const Known = v.object({
  feeds: v.array(v.object({ feed: v.string(), configured: v.boolean(), source: v.string(), paused: v.boolean() })),
});
export type Known = v.InferOutput<typeof Known>;

/** What a feed is; `stream` is null where none is expected to run. */
export const Described = v.object({
  feed: v.string(),
  configured: v.boolean(),
  stream: v.nullable(v.picklist(['running', 'missing'])),
});
export type Described = v.InferOutput<typeof Described>;
export const Feeds = v.object({ feeds: v.array(Described) });
