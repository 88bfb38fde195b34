import { History, Revision, Standing, Trade } from '../wire/trades';

/** A trade as the server tells it, for tests. */
export function trade(id: string, more: Partial<Trade> = {}): Trade {
  return {
    trade_id: id,
    symbol: 'BTCUSDT',
    venue: 'binance',
    trade_date: '2026-01-05',
    event_time: '2026-01-05T10:00:01.000000789Z',
    side: 'buy',
    price: '64250.10',
    quantity: '0.5',
    currency: null,
    account: null,
    status: 'new',
    version: null,
    attributes: null,
    file_id: 1,
    line: 2,
    recorded_at: '2026-01-05T10:00:02+00:00',
    ...more,
  };
}

export function standing(id: string, more: Partial<Standing> = {}): Standing {
  const uri = 'file:///data/spot/BTCUSDT/000003.csv';
  return { ...trade(id), feed: 'spot', uri, cancelled_by: null, cancelled_line: null, ...more };
}

export function revision(number: number, id: string, more: Partial<Revision> = {}): Revision {
  return {
    ...trade(id),
    feed: 'spot',
    uri: 'file:///data/spot/BTCUSDT/000001.csv',
    revision_id: number,
    reason: 'corrected',
    replaced_at: '2026-01-05T11:00:02+00:00',
    replaced_by: 3,
    moved_to: null,
    ...more,
  };
}

export function history(trades: Standing[], revisions: Revision[] = []): History {
  return { trades, revisions };
}
