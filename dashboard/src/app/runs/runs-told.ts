import { OneRun, Progress, Run, RunBatch } from '../wire/runs';

/** A run as the server tells it, for tests. */
export function run(id: number, more: Partial<Run> = {}): Run {
  return {
    run_id: id,
    kind: 'backfill',
    feeds: ['spot'],
    host: 'desk',
    pid: 4711,
    state: 'running',
    reason: null,
    stop_requested: false,
    total_files: 100,
    started_at: '2026-01-05T10:00:00+00:00',
    ended_at: null,
    command: ['backfill', '--from=2026-01-01', '--', 'spot'],
    asked_by: 'ann',
    cancelled_by: null,
    last_lines: null,
    answer: null,
    ...more,
  };
}

export function progress(more: Partial<Progress> = {}): Progress {
  return {
    batches: 2,
    files: 25,
    records: 1000,
    inserted: 900,
    updated: 50,
    unchanged: 20,
    rejected: 10,
    quarantined: 0,
    last_commit: '2026-01-05T10:00:50+00:00',
    done: 0.25,
    ...more,
  };
}

export function oneRun(id: number, more: Partial<OneRun> = {}): OneRun {
  return { ...run(id), progress: progress(), ...more };
}

export function batch(id: number, more: Partial<RunBatch> = {}): RunBatch {
  return {
    batch_id: id,
    run_id: 4,
    feed: 'spot',
    files: 10,
    bytes: 1000,
    records: 400,
    inserted: 390,
    updated: 0,
    unchanged: 0,
    rejected: 10,
    quarantined: 0,
    started_at: '2026-01-05T10:00:10+00:00',
    committed_at: '2026-01-05T10:00:30+00:00',
    ...more,
  };
}
