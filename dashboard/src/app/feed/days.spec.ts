import { describe, expect, it } from 'vitest';

import { fitting, table, words } from './calendar-picture';
import { cells, firstOf, monday, Span } from './days';
import { day } from './feed-told';

const SPAN: Span = { from: '2026-01-01', to: '2026-01-12', today: '2026-01-12', weekdays: false };

function states(days: Parameters<typeof cells>[0], more: Partial<Span> = {}): string[] {
  return cells(days, { ...SPAN, ...more }, 'records').map((cell) => `${cell.day.slice(8)} ${cell.is}`);
}

describe('days of a feed', () => {
  it('begin with the first file, and a day without one after it is a gap', () => {
    expect(states([day('2026-01-09'), day('2026-01-11')])).toEqual(['09 full', '10 gap', '11 full']);
  });

  it('end with yesterday where today has no file yet', () => {
    expect(states([day('2026-01-10')], { to: '2026-01-12' })).toEqual(['10 full', '11 gap']);
  });

  it('are closed on weekends where the calendar of the feed says so', () => {
    expect(states([day('2026-01-09')], { weekdays: true, today: '2026-01-13' })).toEqual([
      '09 full',
      '10 closed',
      '11 closed',
      '12 gap',
    ]);
  });

  it.each([
    [{ quarantined: 1, owed: 1 }, 'bad'],
    [{ owed: 1 }, 'busy'],
    [{ loaded: 0, superseded: 1 }, 'full'],
    [{ loaded: 0, vanished: 4 }, 'still'],
  ])('are what the worst of their files is: %o', (more, is) => {
    expect(cells([day('2026-01-12', more)], SPAN, 'records')[0]?.is).toBe(is);
  });

  it('are as strong as they are full, next to the middle one', () => {
    const days = [100, 500, 1000, 1000, 1300].map((records, place) => day(`2026-01-0${place + 1}`, { records }));
    const levels = (by: 'records' | 'files') => cells(days, { ...SPAN, to: '2026-01-05' }, by).map((one) => one.level);
    expect(levels('records')).toEqual([0, 1, 2, 2, 3]);
    expect(levels('files')).toEqual([2, 2, 2, 2, 2]);
  });

  it('are told in words and in numbers', () => {
    const found = cells(
      [day('2026-01-08', { quarantined: 1 }), day('2026-01-10')],
      { ...SPAN, to: '2026-01-10' },
      'files',
    );
    expect(words(found)).toBe('Jan 8, 2026 to Jan 10, 2026: 2 days with files, 1 without, 1 with files set aside');
    expect(table(found).rows.map((row) => row.slice(0, 3))).toEqual([
      ['Jan 10, 2026', 'all loaded', '4'],
      ['Jan 9, 2026', 'no file', '0'],
      ['Jan 8, 2026', 'files set aside', '4'],
    ]);
    expect(words([])).toBe('No day has a file');
  });

  it('stand in whole weeks, as many as there is room for', () => {
    expect([monday('2026-01-11'), firstOf(2, '2026-01-12')]).toEqual(['2026-01-05', '2026-01-05']);
    expect([320, 1200, 1900].map((width) => fitting(width).weeks)).toEqual([15, 53, 53]);
    expect(fitting(0).weeks).toBe(8);
  });
});
