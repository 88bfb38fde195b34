import * as v from 'valibot';

import { count, day, moment } from './parts';

export const SIDES = ['buy', 'sell', 'unknown'] as const;
export const STATUSES = ['new', 'corrected', 'cancelled'] as const;
export const Status = v.picklist(STATUSES);
export type Status = v.InferOutput<typeof Status>;

/** One state of a trade: numbers are texts, so that no digit is lost; `event_time` is in UTC, to the nanosecond. */
export const Trade = v.object({
  trade_id: v.string(),
  symbol: v.string(),
  venue: v.string(),
  trade_date: day,
  event_time: moment,
  side: v.nullable(v.string()),
  price: v.string(),
  quantity: v.string(),
  currency: v.nullable(v.string()),
  account: v.nullable(v.string()),
  status: Status,
  version: v.nullable(v.string()),
  attributes: v.nullable(v.record(v.string(), v.unknown())),
  file_id: count,
  line: count,
  recorded_at: moment,
});
export type Trade = v.InferOutput<typeof Trade>;

/** A page of them, and the cursor of the next. */
export const Trades = v.object({ trades: v.array(Trade), next: v.nullable(v.string()) });

/** A trade as it stands, with its file, and the line that cancelled it. */
export const Standing = v.object({
  ...Trade.entries,
  feed: v.string(),
  uri: v.string(),
  cancelled_by: v.nullable(count),
  cancelled_line: v.nullable(count),
});
export type Standing = v.InferOutput<typeof Standing>;

/** An earlier state, and what replaced it; `moved_to` is the trade_date that the state after it has. */
export const Revision = v.object({
  ...Trade.entries,
  feed: v.string(),
  uri: v.string(),
  revision_id: count,
  reason: v.picklist(['updated', 'corrected', 'cancelled', 'withdrawn']),
  replaced_at: moment,
  replaced_by: count,
  moved_to: v.nullable(day),
});
export type Revision = v.InferOutput<typeof Revision>;

/** Trades of one id, and their earlier states, the latest first. */
export const History = v.object({ trades: v.array(Standing), revisions: v.array(Revision) });
export type History = v.InferOutput<typeof History>;
