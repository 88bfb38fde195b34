import { describe, expect, it } from 'vitest';

import { feed } from '../live/feeds-told';
import { byAttention, standing, wantsAttention } from './standing';

describe('how a feed stands', () => {
  it.each([
    ['all is loaded', {}, 'Up to date', null],
    ['nothing came', { files: 0 }, 'Nothing yet', null],
    ['files are owed', { owed: 3 }, 'Loading', null],
    ['it is paused', { paused: true }, 'Paused', null],
    ['it is paused and one waits', { paused: true, owed: 1 }, 'Paused', '1 file waits until it is resumed'],
    ['versions vanished', { vanished: 2 }, 'Up to date', '2 versions vanished or replaced before being read'],
    ['a file was set aside', { quarantined: 1, vanished: 2 }, 'Quarantined', '1 file set aside, nothing of it loaded'],
  ])('is told in a word when %s', (_, more, word, why) => {
    expect(standing(feed('spot', more))).toMatchObject({ word, why });
  });

  it('is not running where its stream is missing, whatever else there is', () => {
    expect(standing(feed('spot', { quarantined: 2, paused: true }), true)).toMatchObject({
      word: 'Not running',
      why: 'Its stream failed or is gone: start it, or pause the feed; 2 files set aside',
      look: { at: '/runs', params: { feed: 'spot', kind: 'stream' } },
    });
  });

  it('puts first what wants attention, the rest by name', () => {
    const feeds = [
      feed('b'),
      feed('a', { owed: 5 }),
      feed('paused', { paused: true, owed: 5 }),
      feed('c', { vanished: 1 }),
      feed('bad', { quarantined: 1 }),
    ];
    expect(byAttention(feeds).map((row) => row.feed)).toEqual(['bad', 'paused', 'a', 'b', 'c']);
    expect(byAttention(feeds, new Set(['c'])).map((row) => row.feed)).toEqual(['c', 'bad', 'paused', 'a', 'b']);
    expect(feeds.filter((row) => wantsAttention(row)).map((row) => row.feed)).toEqual(['paused', 'bad']);
  });
});
