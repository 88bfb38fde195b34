import { describe, expect, it } from 'vitest';

import { history, step } from './feed-told';
import { past, stepAt } from './past';
import { files, lag, records } from './pictures';
import { windowOf } from './windows';

const at = (text: string): number => Date.parse(`2026-01-05T${text}Z`);

describe("a feed's past", () => {
  it('has no holes', () => {
    const told = past(history(), at('10:09:00'));
    expect([told.from, told.to, told.bins.length]).toEqual([at('10:00:00'), at('10:10:00'), 10]);
    expect(told.bins.map((bin) => bin.records)).toEqual([0, 0, 0, 60, 0, 0, 0, 0, 0, 0]);
  });

  it('goes on with time, and forgets its beginning', () => {
    const told = past(history(), stepAt(history(), at('10:12:59')));
    expect([told.from, told.to]).toEqual([at('10:03:00'), at('10:13:00')]);
    expect(told.bins[0]?.records).toBe(60);
  });

  it('is told per second, and adds up to the records', () => {
    const picture = records(past(history(), at('10:09:00')));
    expect(picture.words).toBe('60 records, at most 1/s');
    expect(picture.numbers.rows.map((row) => row.slice(1))).toEqual([['0.75/s', '0.1/s', '0.1/s', '0.05/s']]);
  });

  it('tells files that were set aside from loaded ones', () => {
    const picture = files(past(history([step('2026-01-05T10:03:00+00:00', { quarantined: 1 })]), at('10:09:00')));
    expect(picture.words).toBe('2 files, 1 of them set aside');
    expect(picture.numbers.rows.map((row) => row.slice(1))).toEqual([['1', '1']]);
  });

  it('has a lag only where files were seen', () => {
    const picture = lag(past(history(), at('10:09:00')));
    expect(picture.words).toBe('p99 of a step at most 1.5 s');
    expect(picture.numbers.rows.map((row) => row.slice(1))).toEqual([['250 ms', '1.5 s']]);
    expect(lag(past(history([]), at('10:09:00'))).some).toBe(false);
  });

  it('looks an hour back where the address says nothing that is known', () => {
    expect([windowOf(undefined).name, windowOf('2y').name, windowOf('7d').minutes]).toEqual(['1h', '1h', 10_080]);
  });
});
