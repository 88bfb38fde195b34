import { Window } from '../actions/actions';
import { Run } from '../wire/runs';

/** A backfill as the address of its form has it. */
export interface Wanted extends Window {
  readonly feed: string;
}
/** As the API takes a prefix. */
const LONGEST = 1024;
const CONTROLS = /\p{Cc}/u;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** What is wrong with each field; none where all is right. */
export function faults({ feed, from, to, prefix }: Wanted): Partial<Record<keyof Wanted, string>> {
  return {
    ...(feed ? {} : { feed: 'Choose a feed.' }),
    ...(from && !isDay(from) ? { from: 'This is no day.' } : {}),
    ...(to && !isDay(to) ? { to: 'This is no day.' } : {}),
    ...(isDay(from) && isDay(to) && to < from ? { to: 'Is before the first day: no day lies between them.' } : {}),
    ...(prefix.length > LONGEST ? { prefix: `At most ${LONGEST} characters.` } : {}),
    ...(CONTROLS.test(prefix) ? { prefix: 'Control characters are not allowed.' } : {}),
  };
}

/** What a backfill was asked for, from its command line; of one that was started otherwise its feed alone is known. */
export function windowOf(run: Pick<Run, 'command' | 'feeds'>): Record<string, string> {
  const words = run.command ?? [];
  const told = words.slice(0, words.indexOf('--')).flatMap((one) => {
    const found = /^--(from|to|prefix)=(.+)$/su.exec(one);
    return found?.[1] && found[2] ? [[found[1], found[2]]] : [];
  });
  return { feed: run.feeds[0] ?? '', ...(Object.fromEntries(told) as Record<string, string>) };
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}
