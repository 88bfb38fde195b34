import { describe, expect, it } from 'vitest';

import { Day } from '../wire/days';
import { calendars } from './gaps';

function day(feed: string, on: string, more: Partial<Day> = {}): Day {
  return { feed, day: on, files: 2, loaded: 2, superseded: 0, owed: 0, quarantined: 0, vanished: 0, ...more };
}

describe('days without files', () => {
  it('are those between Monday and Friday, of the thirty up to the newest of any feed', () => {
    const [fx, spot] = calendars([
      day('fx', '2026-01-09'),
      day('spot', '2026-01-12', { quarantined: 1 }),
      day('spot', '2026-01-08', { owed: 1 }),
    ]);
    expect(fx?.cells).toHaveLength(30);
    expect(fx?.missing.slice(-3)).toEqual(['2026-01-07', '2026-01-08', '2026-01-12']);
    expect(spot?.cells.slice(-5).map(({ tone }) => tone)).toEqual(['busy', 'none', 'rest', 'rest', 'bad']);
    expect(spot?.cells.at(-1)?.hint).toBe('2026-01-12: 2 files, 1 quarantined');
  });

  it('are none where there is no file at all', () => {
    expect(calendars([])).toEqual([]);
  });
});
