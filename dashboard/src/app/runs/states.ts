import { Tone } from '../show/chip';
import { RunState } from '../wire/runs';

/** How each state of a run looks, and what it means. */
export const SHOWN: Record<RunState, { readonly tone: Tone; readonly meaning: string }> = {
  queued: { tone: 'busy', meaning: 'Its process is about to begin.' },
  running: { tone: 'busy', meaning: 'At work.' },
  done: { tone: 'good', meaning: 'It came to its end.' },
  failed: { tone: 'bad', meaning: 'It broke off; what it had in hand is owed again.' },
  stopped: { tone: 'still', meaning: 'Cancelled or ended in order; what it left is owed.' },
  lost: { tone: 'warn', meaning: 'Its process is gone without a word; what it had in hand is owed again.' },
};
