import { describe, expect, it } from 'vitest';

import { bytes, several, share } from './numbers';
import { age, hereExactly, utc, utcExactly, zone } from './times';

describe('numbers and times', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [200, '3 min 20 s'],
    [7800, '2 h 10 min'],
    [86_400, '1 d'],
    [28_386_253, '328 d'],
    [-3, '0 s'],
  ])('tell %d seconds in two units', (seconds, text) => {
    expect(age(seconds)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999_600, '1 MB'],
    [316_000_000, '316 MB'],
  ])('tell %d bytes in powers of a thousand', (size, text) => {
    expect(bytes(size)).toBe(text);
  });

  it('tell the zone of UTC', () => {
    expect(utc('2026-01-05T11:00:02.123456+01:00')).toBe('2026-01-05 10:00:02 UTC');
  });

  it('name the viewer’s zone as it is called all the year', () => {
    expect(zone('America/New_York')).toBe('New York');
    expect(zone()).toBe('UTC');
  });

  it('keep every digit of a nanosecond', () => {
    expect(utcExactly('2026-01-05T10:00:01.000000789Z')).toBe('2026-01-05 10:00:01.000000789 UTC');
    expect(hereExactly('2026-01-05T10:00:01.000000789Z')).toContain(':01.000000789');
    expect(hereExactly('2026-01-05T10:00:01Z')).toContain(':01.000');
  });

  it('tell one from many, and a part of nothing', () => {
    expect([several(1, 'file'), several(2, 'file'), share(1, 0)]).toEqual(['1 file', '2 files', '0%']);
  });
});
