import { describe, expect, it } from 'vitest';

import { asked } from './filters';

describe('filters of files', () => {
  it('ask for nothing where nothing is wanted', () => {
    expect(asked({ feed: '', state: undefined }, undefined)).toEqual({});
  });

  it('include the last day, in UTC', () => {
    expect(asked({ from: '2026-01-05', to: '2026-01-31' }, undefined)).toEqual({
      from: '2026-01-05T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
    });
  });

  it('leave out what an address made by hand has wrong', () => {
    expect(asked({ state: 'lost', from: 'yesterday', to: '2026-13-40', feed: 'spot' }, 'c')).toEqual({
      feed: 'spot',
      cursor: 'c',
    });
  });
});
