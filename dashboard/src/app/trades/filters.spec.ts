import { describe, expect, it } from 'vitest';

import { asked, askedById, fromField, inField } from './filters';

describe('filters of trades', () => {
  it('ask nothing without a dataset and a day', () => {
    expect(asked({ dataset: 'spot' })).toBeNull();
    expect(asked({ from: '2026-01-05' })).toBeNull();
    expect(asked({ dataset: 'spot', from: 'yesterday' })).toBeNull();
  });

  it('leave out what an address made by hand has wrong', () => {
    const made = { dataset: 'spot', from: '2026-01-05', side: 'long', status: 'odd', since: '10:00', to: '2026-13-01' };
    expect(asked({ ...made, symbol: 'BTC', id: 'T1' })).toEqual({
      dataset: 'spot',
      from: '2026-01-05',
      trade_id: 'T1',
      symbol: 'BTC',
    });
  });

  it('ask by an id of any day', () => {
    expect(askedById({ dataset: 'spot', id: 'T1', venue: 'X', side: 'buy' })).toEqual({
      dataset: 'spot',
      trade_id: 'T1',
      venue: 'X',
    });
    expect(askedById({ dataset: 'spot' })).toBeNull();
  });

  it('show a moment in the viewer’s zone and take it back as the same', () => {
    expect(fromField(inField('2026-01-05T10:00:01Z'))).toBe('2026-01-05T10:00:01.000Z');
    expect([inField('soon'), inField(undefined), fromField('')]).toEqual(['', '', null]);
  });
});
