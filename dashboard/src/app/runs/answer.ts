import { grouped } from '../show/numbers';

/** One thing that a command answered. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Whether the value is a moment, to be told in the viewer's zone. */
  readonly moment: boolean;
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What an answer tells; what is null in it is nothing to tell. */
export function facts(answer: Readonly<Record<string, unknown>>): Fact[] {
  return Object.entries(answer)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({
      name: name.replaceAll('_', ' '),
      value: word(value),
      moment: typeof value === 'string' && MOMENT.test(value),
    }));
}

function word(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? grouped(value) : value.toLocaleString();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
