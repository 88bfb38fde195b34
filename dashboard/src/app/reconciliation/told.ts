import { Sweep } from '../wire/sweeps';
import { verdict, Verdict } from './verdict';

/** A sweep with what stands beside it. */
export interface Told {
  readonly sweep: Sweep;
  readonly verdict: Verdict;
  /** When the feed's next sweep began; null for the latest. */
  readonly until: string | null;
}

/** How a feed's latest sweeps stand, newest first. */
export interface Standing {
  readonly feed: string;
  readonly latest: Told;
  readonly sweeps: readonly Told[];
}

/** Sweeps, newest first, each with the one that followed it. */
export function told(sweeps: readonly Sweep[], discoveries: ReadonlyMap<string, string | null>): Told[] {
  const next = new Map<string, string>();
  return sweeps.map((sweep) => {
    const until = next.get(sweep.feed) ?? null;
    next.set(sweep.feed, sweep.started_at);
    return { sweep, until, verdict: verdict(sweep, discoveries.get(sweep.feed) ?? null, until !== null) };
  });
}

/** The latest of each feed that came to its end, what is worst first. */
export function standings(all: readonly Told[]): Standing[] {
  const by = new Map<string, Told[]>();
  for (const one of all) by.set(one.sweep.feed, [...(by.get(one.sweep.feed) ?? []), one]);
  const found = [...by].flatMap(([feed, sweeps]) => {
    // One that is under way says nothing yet.
    const latest = sweeps.find(({ sweep }) => sweep.ended_at) ?? sweeps[0];
    return latest ? [{ feed, latest, sweeps }] : [];
  });
  return found.sort((one, other) => worse(one) - worse(other) || (one.feed < other.feed ? -1 : 1));
}

const ORDER = ['bad', 'warn', 'busy', 'still', 'good'];
function worse({ latest }: Standing): number {
  return ORDER.indexOf(latest.verdict.tone);
}
