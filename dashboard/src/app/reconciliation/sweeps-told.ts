import { Sweep } from '../wire/sweeps';

/** A sweep as the server tells it, for tests. */
export function sweep(id: number, more: Partial<Sweep> = {}): Sweep {
  return {
    reconciliation_id: id,
    feed: 'spot',
    why: 'beat',
    started_at: `2026-01-05T10:${String(id).padStart(2, '0')}:00+00:00`,
    ended_at: `2026-01-05T10:${String(id).padStart(2, '0')}:01.5+00:00`,
    seconds: 1.5,
    list_calls: 1,
    objects: 9,
    outside: 0,
    ignored: 0,
    known: 9,
    awaited: 0,
    missed: 0,
    overwritten: 0,
    returned: 0,
    owed_too_long: 0,
    vanished: 0,
    phantom: 0,
    first_day: null,
    last_day: null,
    under: null,
    incomplete: null,
    run_id: 1,
    ...more,
  };
}
