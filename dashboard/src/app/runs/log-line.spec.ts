import { describe, expect, it } from 'vitest';

import { logLines } from './log-line';

describe('the last lines of a process', () => {
  it('are told as sentences with their fields', () => {
    const line =
      '{"feed": "spot", "rejected": 1, "event": "Rejected lines", "level": "warning", "timestamp": "2026-01-05T10:00:00.5Z"}';
    expect(logLines(line)).toEqual([
      { at: '2026-01-05T10:00:00.5Z', tone: 'warn', text: 'Rejected lines', fields: 'feed=spot rejected=1' },
    ]);
  });

  it('are left as they are where they are none of the log', () => {
    expect(logLines('Traceback\n  File "a"\n{"event": 1}').map(({ text }) => text)).toEqual([
      'Traceback',
      '  File "a"',
      '{"event": 1}',
    ]);
  });
});
