import { describe, expect, it } from 'vitest';

import { brief, dayHere, lasting, monthNames, short, weekdayNames } from './axes';

describe('axes', () => {
  it.each([
    [0, '0 s'],
    [0.0851, '85 ms'],
    [1.234, '1.23 s'],
    [59.96, '60 s'],
    [75, '1 min 15 s'],
  ])('tell how long %d seconds are', (seconds, text) => {
    expect(lasting(seconds)).toBe(text);
  });

  it('tell numbers in few signs', () => {
    expect([0, 999, 1234, 5_600_000].map(brief)).toEqual(['0', '999', '1.23K', '5.6M']);
  });

  it('tell the time of day of a day, and the day of a month', () => {
    const at = new Date(2026, 0, 5, 10, 30).getTime();
    expect(short(at, 3_600_000)).toMatch(/10:30/);
    expect(short(at, 7 * 86_400_000)).toBe('Jan 5');
  });

  it('tell a day as it is everywhere', () => {
    expect(dayHere('2026-01-05')).toBe('Jan 5, 2026');
    expect([weekdayNames()[0], weekdayNames()[1], monthNames()[11]]).toEqual(['Sun', 'Mon', 'Dec']);
  });
});
