import { Feed } from '../wire/feeds';

/** A feed's row as the server tells it, for tests. */
export function feed(name: string, more: Partial<Feed> = {}): Feed {
  return {
    feed: name,
    dataset: name,
    profile: 'binance-spot-trades',
    source: `file:///data/${name}/`,
    paused: false,
    files: 1,
    owed: 0,
    quarantined: 0,
    vanished: 0,
    records: 9,
    inserted: 7,
    updated: 1,
    unchanged: 0,
    duplicate: 0,
    stale: 0,
    pending: 0,
    rejected: 1,
    ignored: 0,
    last_load: '2026-01-05T10:00:02+00:00',
    last_status: 'loaded',
    newest_file: '2026-01-05T10:00:00.123456+00:00',
    ...more,
  };
}

export function snapshot(seq: number, feeds: Feed[], epoch = 'a'): unknown {
  return { epoch, seq, at: '2026-01-05T10:00:03+00:00', feeds, subscribed: null };
}

export function changed(seq: number, feeds: Feed[], epoch = 'a'): unknown {
  return { epoch, seq, at: '2026-01-05T10:00:04+00:00', feeds, batches: [], left_out: 0 };
}
