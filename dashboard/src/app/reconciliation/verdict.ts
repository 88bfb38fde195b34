import { Tone } from '../show/chip';
import { grouped } from '../show/numbers';
import { Sweep } from '../wire/sweeps';

/** How a sweep's listing and the ledger stand to each other, in a word. */
export interface Verdict {
  readonly tone: Tone;
  readonly word: string;
  /** For bars and those who listen: one sentence. */
  readonly meaning: string;
}

/** What a sweep found that the ledger did not say, and what that is. */
export const FINDINGS = [
  { name: 'missed', title: 'Missed', meaning: 'nobody had told of them' },
  { name: 'overwritten', title: 'Overwritten', meaning: 'known by name, in another version' },
  { name: 'returned', title: 'Returned', meaning: 'an old version is there again' },
  { name: 'owed_too_long', title: 'Owed too long', meaning: 'no run works on them' },
  { name: 'vanished', title: 'Vanished', meaning: 'deleted, or replaced by a newer version, before they were read' },
  { name: 'phantom', title: 'Phantom', meaning: 'announced by an event, and never there' },
] as const satisfies readonly { name: keyof Sweep; title: string; meaning: string }[];
/** What of a listing the ledger had already, or has nothing to do with. */
export const SAME = [
  { name: 'known', title: 'Known', meaning: 'in the ledger already' },
  { name: 'awaited', title: 'Awaited', meaning: 'in the journal, about to be registered' },
  { name: 'ignored', title: 'Ignored', meaning: 'by their names no trade files' },
  { name: 'outside', title: 'Outside', meaning: 'not of the feed, or not of the days asked for' },
] as const satisfies readonly { name: keyof Sweep; title: string; meaning: string }[];

/** How many differ. */
export function differing(sweep: Sweep): number {
  return FINDINGS.reduce((sum, { name }) => sum + sweep[name], 0);
}

/** How many the sweep put into the journal; of what is owed for too long one wakes the stream for all. */
export function journaled(sweep: Sweep): number {
  return sweep.missed + sweep.overwritten + sweep.returned + Math.min(1, sweep.owed_too_long);
}

/** `discovery` is how the feed finds its files: where sweeps do, where history is loaded, and where a stream starts, of
 * what came before it nobody could tell, what is missed is what is new. */
export function verdict(sweep: Sweep, discovery: string | null, followed: boolean): Verdict {
  if (sweep.incomplete) return { tone: 'bad', word: 'Incomplete', meaning: 'Some places could not be listed.' };
  const count = differing(sweep);
  if (!sweep.ended_at) return unfinished(followed);
  if (!count) return { tone: 'good', word: 'Agree', meaning: 'The listing and the ledger say the same.' };
  const fresh = discovery === 'sweep' || sweep.why === 'backfill' || sweep.why === 'start';
  if (fresh && count === sweep.missed)
    return { tone: 'busy', word: `${grouped(count)} new`, meaning: 'Found by listing, as they are meant to be.' };
  const differ = count === 1 ? 'differs' : 'differ';
  return { tone: 'warn', word: `${grouped(count)} ${differ}`, meaning: 'The listing showed what the ledger did not.' };
}

function unfinished(followed: boolean): Verdict {
  if (followed) return { tone: 'still', word: 'Broken off', meaning: 'It did not come to its end; another followed.' };
  return { tone: 'busy', word: 'Under way', meaning: 'It has not come to its end yet.' };
}
