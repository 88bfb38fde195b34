import { named } from '../files/name';
import { several } from '../show/numbers';
import { Feed } from '../wire/feeds';
import { File, State } from '../wire/files';

/** Something an operator may do: a run of the command line, asked for over the API. */
export interface Action {
  /** As on its button: "Pause". */
  readonly verb: string;
  /** What it is done to: "spot". */
  readonly of: string;
  /** The same on the command line, after `tradewind`. */
  readonly command: readonly string[];
  readonly address: string;
  readonly body: Readonly<Record<string, string>>;
  /** What it stops or gives up: told, and confirmed, before it is done. */
  readonly warning?: string;
  /** The same action with the reason it wants. */
  readonly because?: (reason: string) => Action;
}

/** Which days, both included, and which part of the source; what is empty is no bound. */
export interface Window {
  readonly from: string;
  readonly to: string;
  readonly prefix: string;
}
export const NO_WINDOW: Window = { from: '', to: '', prefix: '' };

const OWED: readonly State[] = ['quarantined', 'vanished', 'waiting'];
const NEVER_LOADED: readonly State[] = ['discovered', 'waiting', 'quarantined', 'vanished'];
const NO_REASON = 'ignored by an operator';

/** What can be done with a file as it stands. */
export function ofFile(file: File): Action[] {
  return [...again(file), ...(NEVER_LOADED.includes(file.state) ? [ignore(file, NO_REASON)] : [])];
}

/** What can be done with a feed; a backfill is asked for on a page of its own. */
export function ofFeed({ feed, paused, quarantined }: Pick<Feed, 'feed' | 'paused' | 'quarantined'>): Action[] {
  return [
    paused ? resume(feed) : pause(feed),
    sweep(feed),
    ...(quarantined ? [retryAll(feed, 'quarantined', quarantined)] : []),
  ];
}

export function pause(feed: string): Action {
  return {
    ...onFeed('Pause', feed, 'pause'),
    warning:
      'Nothing of it is loaded until it is resumed. The merge under way is finished; what arrives meanwhile is registered and owed.',
  };
}

export function resume(feed: string): Action {
  return onFeed('Resume', feed, 'resume');
}

export function sweep(feed: string): Action {
  return onFeed('Sweep', feed, 'sweep');
}

export function backfill(feed: string, window: Window): Action {
  const body = Object.fromEntries(Object.entries(window).filter(([, value]) => value !== ''));
  const words = Object.entries(body).map(([name, value]) => `--${name}=${value}`);
  return {
    verb: 'Backfill',
    of: feed,
    command: ['backfill', ...words, '--', feed],
    address: `/api/v1/feeds/${encodeURIComponent(feed)}/backfill`,
    body,
  };
}

/** Owe all files of one state again. */
function retryAll(feed: string, state: 'quarantined' | 'vanished' | 'waiting', files: number): Action {
  return {
    verb: `Retry ${several(files, `${state} file`)}`,
    of: feed,
    command: ['files', 'retry', `--state=${state}`, '--', feed],
    address: `/api/v1/feeds/${encodeURIComponent(feed)}/retry`,
    body: { state },
  };
}

export function cancel(run: number): Action {
  return {
    // Not "Cancel" alone: in a dialog that is taken for its opposite.
    verb: 'Cancel run',
    of: String(run),
    command: ['runs', 'cancel', String(run)],
    address: `/api/v1/runs/${run}/cancel`,
    body: {},
    warning:
      'It stops after what it has in hand. Nothing is lost: what it leaves stays owed, and the next one goes on.',
  };
}

function onFeed(verb: string, feed: string, word: string): Action {
  return {
    verb,
    of: feed,
    command: [word, '--', feed],
    address: `/api/v1/feeds/${encodeURIComponent(feed)}/${word}`,
    body: {},
  };
}

function again(file: File): Action[] {
  if (OWED.includes(file.state)) return [retry(file, 'Retry')];
  if (file.state === 'ignored') return [retry(file, 'Owe again')];
  if (file.state !== 'loaded') return [];
  return [{ ...retry(file, 'Load again'), warning: 'It is read and merged once more, with its books made anew.' }];
}

function retry(file: File, verb: string): Action {
  return onFile(file, verb, 'retry', `--state=${file.state}`, `--version=${file.version}`);
}

function ignore(file: File, reason: string): Action {
  return {
    ...onFile(file, 'Ignore', 'ignore', `--version=${file.version}`, `--reason=${reason}`),
    body: { reason },
    warning: 'It is not loaded, until it is owed again. The reason is kept with it.',
    because: (told) => ignore(file, told),
  };
}

function onFile(file: File, verb: string, word: string, ...options: string[]): Action {
  return {
    verb,
    of: named(file.uri).name,
    command: ['files', word, ...options, '--', file.feed, file.uri],
    address: `/api/v1/files/${file.file_id}/${word}`,
    body: {},
  };
}
