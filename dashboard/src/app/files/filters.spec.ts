import { describe, expect, it } from 'vitest';

import { asked } from './filters';

describe('filters of files', () => {
  it('ask for nothing where nothing is wanted', () => {
    expect(asked({ feed: '', state: undefined })).toEqual({});
  });

  it('include the last day, in UTC', () => {
    expect(asked({ from: '2026-01-05', to: '2026-01-31' })).toEqual({
      from: '2026-01-05T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
    });
  });

  it('take a moment as it is, to the microsecond', () => {
    const window = { from: '2026-01-05T10:00:00.123456+00:00', to: '2026-01-05T11:00:00Z' };
    expect(asked({ ...window, seen_by: 'sweep' })).toEqual({ ...window, seen_by: 'sweep' });
  });

  it('leave out what an address made by hand has wrong', () => {
    expect(asked({ state: 'lost', from: 'yesterday', to: '2026-13-40', seen_by: 'me', feed: 'spot' })).toEqual({
      feed: 'spot',
    });
  });
});
