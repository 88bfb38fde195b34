import { OneRun, RunBatch } from '../wire/runs';

/** How fast a run is, and when it will have worked off its files, as its latest merges tell. */
export interface Estimate {
  readonly filesPerSecond: number;
  readonly rowsPerSecond: number;
  /** In milliseconds since 1970; null where its files are not known or are worked off. */
  readonly endsAt: number | null;
}

/**
 * From the first of these merges' start to the last one's commit, so that the start of the process counts for nothing.
 * Null before a merge is committed: nothing is known then.
 */
export function estimate(run: OneRun, batches: readonly RunBatch[]): Estimate | null {
  const merged = batches.filter((batch) => batch.committed_at !== null);
  if (!merged.length) return null;
  const from = Math.min(...merged.map((batch) => Date.parse(batch.started_at)));
  const to = Math.max(...merged.map((batch) => Date.parse(batch.committed_at ?? '')));
  const seconds = Math.max(to - from, 1) / 1000;
  const filesPerSecond = sum(merged, 'files') / seconds;
  return { filesPerSecond, rowsPerSecond: sum(merged, 'records') / seconds, endsAt: end(run, to, filesPerSecond) };
}

function end(run: OneRun, since: number, filesPerSecond: number): number | null {
  const left = (run.total_files ?? 0) - run.progress.files;
  return left > 0 && filesPerSecond > 0 ? since + (left / filesPerSecond) * 1000 : null;
}

function sum(batches: readonly RunBatch[], name: 'files' | 'records'): number {
  return batches.reduce((before, batch) => before + (batch[name] ?? 0), 0);
}
