import { Day, Freshness, History, Step } from '../wire/history';

/** What the server tells of a feed's past, for tests. */
export function step(at: string, more: Partial<Step> = {}): Step {
  return {
    at,
    batches: 1,
    files: 2,
    quarantined: 0,
    records: 60,
    inserted: 45,
    updated: 6,
    unchanged: 3,
    rejected: 3,
    seen: 2,
    seen_p50_seconds: 0.25,
    seen_p99_seconds: 1.5,
    ...more,
  };
}

/** Ten minutes in steps of a minute. */
export function history(steps: Step[] = [step('2026-01-05T10:03:00+00:00')]): History {
  return { since: '2026-01-05T10:00:00+00:00', until: '2026-01-05T10:09:30+00:00', step_seconds: 60, steps };
}

export function freshness(more: Partial<Freshness> = {}): Freshness {
  return {
    feed: 'spot',
    files: 1234,
    seen_p50_seconds: 0.25,
    seen_p99_seconds: 1.5,
    written_p50_seconds: 2,
    written_p99_seconds: 75,
    oldest_owed: null,
    ...more,
  };
}

export function day(name: string, more: Partial<Day> = {}): Day {
  return {
    day: name,
    files: 4,
    loaded: 4,
    superseded: 0,
    owed: 0,
    quarantined: 0,
    vanished: 0,
    files_ignored: 0,
    records: 1000,
    inserted: 990,
    rejected: 10,
    ...more,
  };
}
