import { provideHttpClient } from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Session } from '../session/session';
import { FakeSocket } from './fake-socket';
import { changed, feed, snapshot } from './feeds-told';
import { Live, PATIENCE, SILENCE } from './live';
import { SOCKET } from './socket';

describe('the live view', () => {
  let socket: FakeSocket;
  let live: Live;

  beforeEach(() => {
    vi.useFakeTimers();
    socket = new FakeSocket();
    TestBed.configureTestingModule({ providers: [provideHttpClient(), { provide: SOCKET, useValue: () => socket }] });
    live = TestBed.inject(Live);
    live.open();
    socket.tell('connect');
    socket.tell('snapshot', snapshot(3, [feed('spot'), feed('fx')]));
  });

  afterEach(() => {
    live.close();
    vi.useRealTimers();
  });

  const inserted = () => live.feeds().map((row) => [row.feed, row.inserted]);

  it('shows what the snapshot tells', () => {
    expect(live.link().is).toBe('live');
    expect(inserted()).toEqual([
      ['fx', 7],
      ['spot', 7],
    ]);
  });

  it('replaces rows and never adds up', () => {
    socket.tell('feeds', changed(4, [feed('spot', { inserted: 12 })]));
    socket.tell('feeds', changed(5, [feed('spot', { inserted: 12 })]));
    expect(inserted()).toEqual([
      ['fx', 7],
      ['spot', 12],
    ]);
    expect(socket.asked).toEqual([]);
  });

  it('takes a burst whole', () => {
    for (let seq = 4; seq < 1004; seq += 1) socket.tell('feeds', changed(seq, [feed(`f${seq}`)]));
    expect(live.feeds()).toHaveLength(1002);
    expect(socket.asked).toEqual([]);
  });

  it('asks once for a snapshot after a gap, however much comes meanwhile', () => {
    socket.tell('feeds', changed(6, [feed('spot', { inserted: 20 })]));
    socket.tell('feeds', changed(7, [feed('spot', { inserted: 21 })]));
    expect(socket.asked).toEqual(['snapshot']);
    socket.tell('snapshot', snapshot(7, [feed('spot', { inserted: 21 })]));
    socket.tell('feeds', changed(8, [feed('spot', { inserted: 22 })]));
    expect(inserted()).toEqual([['spot', 22]]);
    expect(socket.asked).toEqual(['snapshot']);
  });

  it('asks for a snapshot when the epoch is another', () => {
    socket.tell('feeds', changed(4, [feed('spot')], 'b'));
    expect(socket.asked).toEqual(['snapshot']);
  });

  it('asks for a snapshot when a beat knows of more', () => {
    socket.tell('beat', { epoch: 'a', seq: 3, at: 'now', live: true });
    expect(socket.asked).toEqual([]);
    socket.tell('beat', { epoch: 'a', seq: 5, at: 'now', live: true });
    expect(socket.asked).toEqual(['snapshot']);
  });

  it('says that numbers are old while the database does not answer, until a snapshot', () => {
    socket.tell('beat', { epoch: 'a', seq: 3, at: 'now', live: false });
    expect(live.link().is).toBe('behind');
    socket.tell('snapshot', snapshot(0, [feed('spot')], 'b'));
    expect(live.link().is).toBe('live');
  });

  it('keeps the numbers when the connection is lost, and has the right ones after it', () => {
    socket.tell('disconnect', 'transport close');
    expect(live.link().is).toBe('lost');
    expect(inserted()).toHaveLength(2);
    socket.tell('connect');
    socket.tell('snapshot', snapshot(0, [feed('fx', { inserted: 99 })], 'b'));
    expect(inserted()).toEqual([['fx', 99]]);
    expect(live.link().is).toBe('live');
  });

  it('connects anew when nothing is heard for three beats', () => {
    vi.advanceTimersByTime(SILENCE - 1);
    expect(socket.connects).toBe(1);
    vi.advanceTimersByTime(1);
    expect([socket.disconnects, socket.connects]).toEqual([1, 2]);
  });

  it('connects anew where Socket.IO does not: after the server cut it off', () => {
    socket.active = false;
    socket.tell('disconnect', 'io server disconnect');
    vi.advanceTimersByTime(PATIENCE);
    expect(socket.connects).toBe(2);
  });

  it('says why it is not let in, and tries again', () => {
    const refusal = Object.assign(new Error('All places are taken.'), { data: { status: 503, cure: 'Close some.' } });
    socket.tell('connect_error', refusal);
    expect(live.link()).toEqual({
      is: 'refused',
      problem: { status: 503, detail: 'All places are taken.', cure: 'Close some.' },
    });
    vi.advanceTimersByTime(PATIENCE);
    expect(socket.connects).toBe(2);
  });

  it('ends the session when the server no longer knows it', () => {
    socket.tell('connect_error', Object.assign(new Error('No valid token.'), { data: { status: 401 } }));
    expect(TestBed.inject(Session).over()).toBe(true);
  });

  it('shows nothing of a message that is not understood, and says so', () => {
    socket.tell('feeds', { epoch: 'a', seq: 4, feeds: [{ feed: 'spot', inserted: '12' }] });
    expect(live.link().is).toBe('refused');
    expect(inserted()).toHaveLength(2);
  });

  it('leaves nothing to the next viewer', () => {
    live.close();
    expect([live.feeds(), live.known()]).toEqual([[], false]);
  });
});
