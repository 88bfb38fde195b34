import { LOOKS } from '../files/books-bar';
import { Part } from '../show/parts-bar';
import { Progress } from '../wire/runs';

const COUNTED = ['inserted', 'updated', 'unchanged', 'rejected'] as const;

/** What became of a run's records; those that its merges do not count one by one are the rest. */
export function books(progress: Progress): Part[] {
  const parts: Part[] = COUNTED.map((name) => ({ name, count: progress[name], ...LOOKS[name] }));
  const rest = parts.reduce((left, part) => left - part.count, progress.records);
  const meaning = 'duplicate, stale, pending or ignored: each file’s books tell which';
  return [...parts, { name: 'others', count: Math.max(0, rest), tone: 'still', meaning }];
}
