import * as v from 'valibot';

import { count, day } from './parts';

/** One day of a feed that has files, by what became of them. */
export const Day = v.object({
  feed: v.string(),
  day,
  files: count,
  loaded: count,
  superseded: count,
  owed: count,
  quarantined: count,
  vanished: count,
});
export type Day = v.InferOutput<typeof Day>;

/** A page of them, by feed and newest first; a day without files has none. */
export const Days = v.object({ days: v.array(Day), next: v.nullable(v.string()) });
