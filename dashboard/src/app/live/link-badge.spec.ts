import { provideHttpClient } from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeSocket } from './fake-socket';
import { snapshot } from './feeds-told';
import { Live } from './live';
import { LinkBadge } from './link-badge';
import { SOCKET } from './socket';

describe('the state of the connection', () => {
  const socket = new FakeSocket();
  let live: Live;

  beforeEach(() => {
    TestBed.configureTestingModule({ providers: [provideHttpClient(), { provide: SOCKET, useValue: () => socket }] });
    live = TestBed.inject(Live);
    live.open();
  });
  afterEach(() => {
    live.close();
  });

  it('is told in a word, and aloud', async () => {
    const badge = TestBed.createComponent(LinkBadge);
    const page = badge.nativeElement as HTMLElement;
    const word = async () => {
      await badge.whenStable();
      return page.querySelector('tw-chip')?.textContent.trim();
    };
    expect(await word()).toBe('Connecting');
    socket.tell('snapshot', snapshot(0, []));
    expect(await word()).toBe('Live');
    socket.tell('beat', { epoch: 'a', seq: 0, live: false });
    expect(await word()).toBe('No database');
    socket.tell('disconnect');
    expect(await word()).toMatch(/^Offline\s*0 s$/);
    expect(page.querySelector('[role=status]')?.textContent).toContain('these numbers are old');
    socket.tell('connect_error', Object.assign(new Error('Full.'), { data: { status: 503, cure: 'Wait.' } }));
    expect(await word()).toBe('Refused');
    expect(page.querySelector('[role=status]')?.textContent).toContain('Full. Wait.');
  });
});
