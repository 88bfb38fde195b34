import { describe, expect, it } from 'vitest';

import { feed } from './feeds-told';
import { Rates, STEP, STEPS } from './rates';

describe('rates', () => {
  const now = 1000 * STEP;
  const start = now - STEPS * STEP;

  it('are new rows per second, in the step in which they were heard', () => {
    const rates = new Rates();
    rates.begin([feed('spot', { inserted: 100 })], start);
    rates.heard([feed('spot', { inserted: 140 })], now - STEP);
    rates.heard([feed('spot', { inserted: 160 })], now);
    expect(rates.perSecond('spot', now).slice(-3)).toEqual([0, 20, 10]);
  });

  it('do not count what a snapshot brings', () => {
    const rates = new Rates();
    rates.begin([feed('spot', { inserted: 1_000_000 })], start);
    expect(Math.max(...rates.perSecond('spot', now))).toBe(0);
  });

  it('do not count rows that were taken back', () => {
    const rates = new Rates();
    rates.begin([feed('spot', { inserted: 100 })], start);
    rates.heard([feed('spot', { inserted: 60 })], now);
    rates.heard([feed('spot', { inserted: 64 })], now);
    expect(rates.perSecond('spot', now).at(-1)).toBe(2);
  });

  it('forget what is older than is shown', () => {
    const rates = new Rates();
    rates.begin([], start);
    rates.heard([feed('spot', { inserted: 2 })], now);
    expect(rates.perSecond('spot', now + STEPS * STEP)).toEqual(Array<number>(STEPS).fill(0));
  });

  it('tell nothing of what was not listened to', () => {
    const rates = new Rates();
    expect(rates.perSecond('spot', now)).toEqual([]);
    rates.begin([feed('spot', { inserted: 100 })], now - STEP);
    rates.heard([feed('spot', { inserted: 140 })], now);
    expect(rates.perSecond('spot', now)).toEqual([0, 20]);
    expect(rates.lately('spot', now)).toBe(10);
  });
});
