import { Tone } from '../show/chip';
import { IconName } from '../show/icon';
import { several } from '../show/numbers';
import { Feed } from '../wire/feeds';

/** How a feed stands, in one word, and what of it is to be looked at. */
export interface Standing {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly word: string;
  /** What there is to look at, and where; null where nothing is. */
  readonly why: string | null;
  readonly look: Look | null;
  /** What is seen first has the smallest. */
  readonly rank: number;
}

/** A page of ours. */
export interface Look {
  readonly at: '/files' | '/runs';
  readonly params: Readonly<Record<string, string>>;
}

const QUIET = { why: null, look: null, rank: 3 };

/** First comes what does not run, then files set aside, then what waits because it is paused. */
export function standing(feed: Feed, missing = false): Standing {
  if (missing) return notRunning(feed);
  if (feed.quarantined) return quarantined(feed);
  if (feed.paused) return paused(feed);
  if (feed.owed) return { ...QUIET, ...gone(feed), tone: 'busy', word: 'Loading' };
  if (!feed.files) return { ...QUIET, ...gone(feed), tone: 'still', word: 'Nothing yet' };
  return { ...QUIET, ...gone(feed), tone: 'good', word: 'Up to date' };
}

/** Whether it is paused as well, where another word comes first. */
export function pausedToo(feed: Feed, missing = false): boolean {
  return feed.paused && standing(feed, missing).word !== 'Paused';
}

/** Whether somebody has to do something. */
export function wantsAttention(feed: Feed, missing = false): boolean {
  return standing(feed, missing).rank < QUIET.rank;
}

/** What wants attention first, the others by name. */
export function byAttention(feeds: readonly Feed[], missing: ReadonlySet<string> = new Set()): Feed[] {
  const rank = (feed: Feed): number => standing(feed, missing.has(feed.feed)).rank;
  return [...feeds].sort((one, other) => rank(one) - rank(other) || (one.feed < other.feed ? -1 : 1));
}

function notRunning({ feed, quarantined }: Feed): Standing {
  const also = quarantined ? `; ${several(quarantined, 'file')} set aside` : '';
  return {
    tone: 'bad',
    word: 'Not running',
    why: `Its stream failed or is gone: start it, or pause the feed${also}`,
    look: { at: '/runs', params: { feed, kind: 'stream' } },
    rank: 0,
  };
}

function quarantined({ feed, quarantined }: Feed): Standing {
  const why = `${several(quarantined, 'file')} set aside, nothing of ${quarantined === 1 ? 'it' : 'them'} loaded`;
  return { tone: 'bad', word: 'Quarantined', why, look: files(feed, 'quarantined'), rank: 1 };
}

/** Most of these were replaced, and the newer version is loaded: worth a look, no alarm. */
function gone({ feed, vanished }: Feed): Pick<Standing, 'why' | 'look'> {
  if (!vanished) return { why: null, look: null };
  return {
    why: `${several(vanished, 'version')} vanished or replaced before being read`,
    look: files(feed, 'vanished'),
  };
}

function paused({ feed, owed }: Feed): Standing {
  const shown = { tone: 'still', icon: 'paused', word: 'Paused' } as const;
  if (!owed) return { ...QUIET, ...shown };
  return {
    ...shown,
    why: `${several(owed, 'file')} wait${owed === 1 ? 's' : ''} until it is resumed`,
    look: files(feed, 'discovered'),
    rank: 2,
  };
}

function files(feed: string, state: string): Look {
  return { at: '/files', params: { feed, state } };
}
