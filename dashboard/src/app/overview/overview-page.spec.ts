import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeSocket } from '../live/fake-socket';
import { changed, feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { OverviewPage } from './overview-page';

describe('the overview', () => {
  let socket: FakeSocket;
  let fixture: ComponentFixture<OverviewPage>;

  beforeEach(() => {
    socket = new FakeSocket();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([]),
        { provide: SOCKET, useValue: () => socket },
      ],
    });
    TestBed.inject(Live).open();
    fixture = TestBed.createComponent(OverviewPage);
  });
  afterEach(() => {
    TestBed.inject(Live).close();
  });

  /** Asks which streams are missing, and is told. */
  function missing(...feeds: string[]): void {
    TestBed.tick();
    for (const request of TestBed.inject(HttpTestingController).match('/api/v1/feeds'))
      request.flush({ feeds: feeds.map((name) => ({ feed: name, configured: true, stream: 'missing' })) });
  }
  async function page(): Promise<HTMLElement> {
    missing();
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  }
  async function names(): Promise<(string | undefined)[]> {
    return [...(await page()).querySelectorAll<HTMLElement>('tw-feed-row')].map((row) => row.dataset['feed']);
  }

  it('waits for the first snapshot', async () => {
    expect((await page()).querySelector('[aria-busy=true]')).not.toBeNull();
  });

  it('shows what wants attention first, with the way to its files', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a'), feed('b', { quarantined: 2 })]));
    expect(await names()).toEqual(['b', 'a']);
    expect((await page()).querySelector('.wanting')?.textContent).toContain('1 of 2 wants attention');
    expect((await page()).querySelector('.why')?.getAttribute('href')).toBe('/files?feed=b&state=quarantined');
  });

  it('says that a feed is paused as well, where something else comes first', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a', { paused: true }), feed('b', { quarantined: 2, paused: true })]));
    const rows = [...(await page()).querySelectorAll('tw-feed-row')];
    const words = rows.map((row) => [...row.querySelectorAll('tw-chip')].map((chip) => chip.textContent.trim()));
    expect(words).toEqual([['Quarantined', 'Paused'], ['Paused']]);
  });

  it('puts a feed before all whose stream is gone, with the way to its runs', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a', { quarantined: 2 }), feed('b')]));
    missing('b');
    expect(await names()).toEqual(['b', 'a']);
    expect((await page()).querySelector('.why')?.getAttribute('href')).toBe('/runs?feed=b&kind=stream');
  });

  it('leads to the page of a feed', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a')]));
    expect((await page()).querySelector('h2 a')?.getAttribute('href')).toBe('/feeds/a');
  });

  it('moves a counter with its message, and the total with it', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a', { inserted: 1000 }), feed('b', { inserted: 234 })]));
    socket.tell('feeds', changed(1, [feed('b', { inserted: 1234 })]));
    const shown = await page();
    expect([...shown.querySelectorAll('.rows')].map((cell) => cell.textContent)).toEqual(['1,000', '1,234']);
    expect(shown.querySelector('.totals dd')?.textContent).toBe('2,234');
  });

  it('says what to do where no feed is', async () => {
    socket.tell('snapshot', snapshot(0, []));
    expect((await page()).textContent).toContain('tradewind stream');
  });

  it('says why it shows nothing where it is not let in', async () => {
    socket.tell('connect_error', Object.assign(new Error('All places are taken.'), { data: { status: 503 } }));
    expect((await page()).querySelector('[role=alert]')?.textContent).toContain('All places are taken.');
  });

  it('marks its numbers as old while the connection is lost', async () => {
    socket.tell('snapshot', snapshot(0, [feed('a')]));
    expect((await page()).querySelector('.old')).toBeNull();
    socket.tell('disconnect');
    expect((await page()).querySelector('.old')).not.toBeNull();
  });
});
