import { describe, expect, it } from 'vitest';

import { underWay } from '../wire/runs';
import { faults, windowOf } from './backfill-window';
import { books } from './books';
import { estimate } from './estimate';
import { batch, oneRun, progress, run } from './runs-told';
import { titled } from './titled';

describe('the time that is left', () => {
  it('is not known before a merge is committed', () => {
    expect(estimate(oneRun(1), [])).toBeNull();
    expect(estimate(oneRun(1), [batch(1, { committed_at: null, records: null })])).toBeNull();
  });

  it('follows from the latest merges, not from the start of the process', () => {
    const merges = [
      batch(2, { started_at: '2026-01-05T10:00:30+00:00', committed_at: '2026-01-05T10:00:50+00:00' }),
      batch(1),
    ];
    expect(estimate(oneRun(1), merges)).toEqual({
      filesPerSecond: 0.5,
      rowsPerSecond: 20,
      endsAt: Date.parse('2026-01-05T10:03:20Z'),
    });
  });

  it('is not told of what has no end, or has reached it', () => {
    expect(estimate(oneRun(1, { total_files: null }), [batch(1)])?.endsAt).toBeNull();
    expect(estimate(oneRun(1, { progress: progress({ files: 100, done: 1 }) }), [batch(1)])?.endsAt).toBeNull();
  });
});

describe('a run', () => {
  it('is under way until its end is told', () => {
    expect(
      (['queued', 'running', 'done', 'failed', 'stopped', 'lost'] as const).filter((state) => underWay({ state })),
    ).toEqual(['queued', 'running']);
  });

  it.each([
    ['backfill', run(1)],
    ['retry', run(1, { kind: 'command', command: ['files', 'retry', '--', 'spot'] })],
    ['pause', run(1, { kind: 'command', command: ['pause', '--', 'spot'] })],
    ['command', run(1, { kind: 'command', command: null })],
  ])('is called %s', (name, one) => {
    expect(titled(one)).toBe(name);
  });

  it('has books that add up to its records', () => {
    const parts = books(progress());
    expect(parts.map(({ name, count }) => `${name} ${count}`)).toEqual([
      'inserted 900',
      'updated 50',
      'unchanged 20',
      'rejected 10',
      'others 20',
    ]);
  });
});

describe('what a backfill is to load', () => {
  const all = { feed: 'spot', from: '', to: '', prefix: '' };

  it.each([
    ['all there is', all, {}],
    ['one day', { ...all, from: '2026-01-31', to: '2026-01-31' }, {}],
    ['no feed', { ...all, feed: '' }, { feed: 'Choose a feed.' }],
    [
      'an end before its beginning',
      { ...all, from: '2026-02-01', to: '2026-01-31' },
      { to: 'Is before the first day: no day lies between them.' },
    ],
    ['no day', { ...all, from: 'yesterday' }, { from: 'This is no day.' }],
    ['a control character', { ...all, prefix: 'a\u0000' }, { prefix: 'Control characters are not allowed.' }],
    ['too long a prefix', { ...all, prefix: 'a'.repeat(1025) }, { prefix: 'At most 1024 characters.' }],
  ])('%s', (_, wanted, wrong) => {
    expect(faults(wanted)).toEqual(wrong);
  });

  it('is read from the command of one that was', () => {
    const command = ['backfill', '--from=2026-01-01', '--prefix=a=b/', '--', '--to=x'];
    expect(windowOf(run(1, { command }))).toEqual({ feed: 'spot', from: '2026-01-01', prefix: 'a=b/' });
    expect(windowOf(run(1, { command: null, feeds: ['fx'] }))).toEqual({ feed: 'fx' });
  });
});
