import { describe, expect, it } from 'vitest';

import { file } from '../files/files-told';
import { feed } from '../live/feeds-told';
import { State } from '../wire/files';
import { backfill, cancel, ofFeed, ofFile } from './actions';

describe('actions', () => {
  it.each<[State, string[]]>([
    ['quarantined', ['Retry', 'Ignore']],
    ['discovered', ['Ignore']],
    ['loaded', ['Load again']],
    ['ignored', ['Owe again']],
    ['superseded', []],
    ['loading', []],
  ])('on a file that is %s', (state, verbs) => {
    expect(ofFile(file(7, { state })).map((action) => action.verb)).toEqual(verbs);
  });

  it('name the very version of a file, as the API does', () => {
    const [retry, ignore] = ofFile(file(7, { state: 'quarantined' }));
    expect(retry?.command.join(' ')).toBe(
      'files retry --state=quarantined --version=v1 -- spot file:///data/spot/7.csv',
    );
    const meant = ignore?.because?.('--sent twice');
    expect(meant?.command.join(' ')).toBe(
      'files ignore --version=v1 --reason=--sent twice -- spot file:///data/spot/7.csv',
    );
    expect(meant?.body).toEqual({ reason: '--sent twice' });
  });

  it('leave out the bounds that a backfill has not', () => {
    const all = backfill('spot', { from: '', to: '', prefix: '' });
    expect([all.command, all.body]).toEqual([['backfill', '--', 'spot'], {}]);
    const some = backfill('a/b', { from: '2026-01-01', to: '2026-01-31', prefix: 'BTC USDT/' });
    expect(some.command).toEqual([
      'backfill',
      '--from=2026-01-01',
      '--to=2026-01-31',
      '--prefix=BTC USDT/',
      '--',
      'a/b',
    ]);
    expect(some.address).toBe('/api/v1/feeds/a%2Fb/backfill');
  });

  it('warn of what is stopped, and of that alone', () => {
    const actions = [...ofFeed(feed('spot', { quarantined: 2 })), ...ofFeed(feed('spot', { paused: true })), cancel(7)];
    expect(actions.filter((action) => action.warning).map((action) => action.command.join(' '))).toEqual([
      'pause -- spot',
      'runs cancel 7',
    ]);
    expect(actions.map((action) => action.verb)).toEqual([
      'Pause',
      'Sweep',
      'Retry 2 quarantined files',
      'Resume',
      'Sweep',
      'Cancel run',
    ]);
  });
});
