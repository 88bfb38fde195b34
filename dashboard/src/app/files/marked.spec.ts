import { describe, expect, it } from 'vitest';

import { marked } from './marked';

describe('the cell that was refused', () => {
  it('is the one that the reason quotes', () => {
    expect(marked('900024,12x.5,1,true', 'price "12x.5" is not a decimal number')).toEqual({
      before: '900024,',
      cell: '12x.5',
      after: ',1,true',
    });
  });

  it('may be the first or the last', () => {
    expect(marked('x|2', 'side "x" is unknown')?.before).toBe('');
    expect(marked('2|x', 'side "x" is unknown')?.after).toBe('');
  });

  it.each([
    ['stands twice', '1,1', 'price "1" is odd'],
    ['is part of another', '12,21', 'price "1" is odd'],
    ['is not quoted', '1,2', 'is no number'],
    ['is written otherwise in the reason', '1,"a ""b"', 'name "a \\"b" is odd'],
  ])('is not told where it %s', (_, raw, reason) => {
    expect(marked(raw, reason)).toBeNull();
  });

  it('is told where the same text is within another cell too', () => {
    expect(marked('100,1', 'quantity "1" is odd')).toEqual({ before: '100,', cell: '1', after: '' });
  });
});
