import { History, Step } from '../wire/history';

/** One step, with the moment it begins at in milliseconds. */
export type Bin = Omit<Step, 'at'> & { readonly at: number };

/** A feed's past without holes: every step from `from` to `to` (milliseconds), each `step` milliseconds long. */
export interface Past {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly bins: readonly Bin[];
}

const NOTHING = {
  batches: 0,
  files: 0,
  quarantined: 0,
  records: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
  seen: 0,
  seen_p50_seconds: null,
  seen_p99_seconds: null,
};

/** The beginning of the step that `now` (milliseconds) is in. */
export function stepAt(history: History, now: number): number {
  const since = Date.parse(history.since);
  const step = history.step_seconds * 1000;
  return since + Math.floor((now - since) / step) * step;
}

/** As long as the answer's window, up to the step that begins at `last`: time goes on without asking. */
export function past(history: History, last: number): Past {
  const step = history.step_seconds * 1000;
  const length = stepAt(history, Date.parse(history.until)) - Date.parse(history.since);
  const told = new Map(history.steps.map((one) => [Date.parse(one.at), one]));
  const from = last - length;
  const bins = Array.from({ length: length / step + 1 }, (_, place) => {
    const at = from + place * step;
    return { ...NOTHING, ...told.get(at), at };
  });
  return { from, to: last + step, step, bins };
}
