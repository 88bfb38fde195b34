import { describe, expect, it } from 'vitest';

import { sweep } from './sweeps-told';
import { differing, journaled, verdict } from './verdict';

describe('what a sweep found', () => {
  it.each([
    ['good', 'Agree', {}, 'events'],
    ['warn', '1 differs', { missed: 1 }, 'events'],
    ['warn', '1,203 differ', { missed: 1200, vanished: 2, phantom: 1 }, 'listing'],
    ['busy', '5 new', { missed: 5 }, 'sweep'],
    ['busy', '5 new', { missed: 5, why: 'backfill' as const }, 'events'],
    ['busy', '5 new', { missed: 5, why: 'start' as const }, 'events'],
    ['warn', '6 differ', { missed: 5, overwritten: 1 }, 'sweep'],
    ['bad', 'Incomplete', { incomplete: 'file:///a', missed: 1 }, 'events'],
    ['busy', 'Under way', { ended_at: null, missed: 1 }, 'events'],
  ])('is %s: %s', (tone, word, more, discovery) => {
    expect(verdict(sweep(1, more), discovery, false)).toMatchObject({ tone, word });
  });

  it('was broken off where another followed', () => {
    expect(verdict(sweep(1, { ended_at: null }), null, true).word).toBe('Broken off');
  });

  it('counts what differs, and what of it was journaled', () => {
    const found = sweep(1, { missed: 3, overwritten: 2, returned: 1, owed_too_long: 5, vanished: 4, phantom: 1 });
    expect([differing(found), journaled(found)]).toEqual([16, 7]);
  });
});
