import * as v from 'valibot';

import { Tone } from '../show/chip';
import { moment } from '../wire/parts';

/** What a process said: a line of its log, or whatever else it printed. */
export interface LogLine {
  readonly at: string | null;
  readonly tone: Tone;
  readonly text: string;
  /** What belongs to it, as `name=value`. */
  readonly fields: string;
}

const Told = v.looseObject({ event: v.string(), level: v.string(), timestamp: moment });
const TONES: Readonly<Record<string, Tone>> = { warning: 'warn', error: 'bad', critical: 'bad', exception: 'bad' };

/** Lines as the program logs them, in JSON, and all others as they are. */
export function logLines(text: string): LogLine[] {
  return text.split('\n').map((line) => {
    const told = v.safeParse(Told, parsed(line));
    if (!told.success) return { at: null, tone: 'still', text: line, fields: '' };
    const { event, level, timestamp, ...fields } = told.output;
    return { at: timestamp, tone: TONES[level] ?? 'still', text: event, fields: named(fields) };
  });
}

function named(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
