import { Tone } from '../show/chip';
import { IconName } from '../show/icon';
import { several } from '../show/numbers';
import { Feed } from '../wire/feeds';

/** How a feed stands, in one word, and what of it is to be looked at. */
export interface Standing {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly word: string;
  /** What there is to look at; null where nothing is. */
  readonly why: string | null;
  /** The state of the files to look at then. */
  readonly state: string | null;
  /** What is seen first has the smallest. */
  readonly rank: number;
}

const QUIET = { why: null, state: null, rank: 2 };

/** Files set aside come first, then what waits because it is paused. */
export function standing(feed: Feed): Standing {
  if (feed.quarantined) return quarantined(feed);
  if (feed.paused) return paused(feed);
  if (feed.owed) return { ...QUIET, ...gone(feed), tone: 'busy', word: 'Loading' };
  if (!feed.files) return { ...QUIET, ...gone(feed), tone: 'still', word: 'Nothing yet' };
  return { ...QUIET, ...gone(feed), tone: 'good', word: 'Up to date' };
}

/** Whether somebody has to do something. */
export function wantsAttention(feed: Feed): boolean {
  return standing(feed).rank < QUIET.rank;
}

/** What wants attention first, the others by name. */
export function byAttention(feeds: readonly Feed[]): Feed[] {
  return [...feeds].sort((one, other) => standing(one).rank - standing(other).rank || (one.feed < other.feed ? -1 : 1));
}

function quarantined({ quarantined }: Feed): Standing {
  const why = `${several(quarantined, 'file')} set aside, nothing of ${quarantined === 1 ? 'it' : 'them'} loaded`;
  return { tone: 'bad', word: 'Quarantined', why, state: 'quarantined', rank: 0 };
}

/** Most of these were replaced, and the newer version is loaded: worth a look, no alarm. */
function gone({ vanished }: Feed): Pick<Standing, 'why' | 'state'> {
  if (!vanished) return { why: null, state: null };
  return { why: `${several(vanished, 'version')} vanished or replaced before being read`, state: 'vanished' };
}

function paused({ owed }: Feed): Standing {
  const look = { tone: 'still', icon: 'paused', word: 'Paused' } as const;
  if (!owed) return { ...QUIET, ...look };
  return {
    ...look,
    why: `${several(owed, 'file')} wait${owed === 1 ? 's' : ''} until it is resumed`,
    state: 'discovered',
    rank: 1,
  };
}
