import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { PATIENCE } from '../../patience';
import { DRAWING } from '../chart/drawing';
import { FakeDrawing, FakeResizeObserver } from '../chart/fake-drawing';
import { FakeSocket } from '../live/fake-socket';
import { changed, feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { batch } from '../runs/runs-told';
import { FeedPage } from './feed-page';
import { day, freshness, history } from './feed-told';

const SETTINGS = [
  { key: 'source', value: 'file:///data/spot/', set: true },
  { key: 'max_rejects', value: '1%', set: false },
];
const REASON = { column_name: 'price', reason: 'price "…" is no number', rejects: 3, files: 1, file_id: 7 };
const ANSWERS: Record<string, object> = {
  '/api/v1/feeds/spot/history': history(),
  '/api/v1/freshness': { feeds: [freshness()] },
  '/api/v1/completeness': { days: [day('2020-01-05', { quarantined: 1 }), day('2020-01-02')], next: null },
  '/api/v1/batches': { batches: [batch(9), batch(8)], next: null },
  '/api/v1/feeds/spot/rejects/reasons': { counted: 4, reasons: [REASON] },
  '/api/v1/feeds': { feeds: [{ feed: 'spot', configured: true, stream: 'running' }] },
  '/api/v1/feeds/spot/settings': { feed: 'spot', settings: SETTINGS },
};

describe("a feed's page", () => {
  let harness: RouterTestingHarness;
  let server: HttpTestingController;
  let socket: FakeSocket;
  let drawing: FakeDrawing;

  beforeEach(async () => {
    vi.stubGlobal('ResizeObserver', FakeResizeObserver);
    socket = new FakeSocket();
    drawing = new FakeDrawing();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([{ path: 'feeds/:feed', component: FeedPage }], withComponentInputBinding()),
        { provide: SOCKET, useValue: () => socket },
        { provide: DRAWING, useValue: drawing.load },
      ],
    });
    TestBed.inject(Live).open();
    server = TestBed.inject(HttpTestingController);
    harness = await RouterTestingHarness.create();
  });
  afterEach(() => {
    TestBed.inject(Live).close();
    vi.unstubAllGlobals();
  });

  const url = ({ request }: TestRequest): string => request.url;
  function asked(): TestRequest[] {
    TestBed.tick();
    return server.match((request) => request.url !== '/api/v1/session');
  }
  function answer(requests: TestRequest[], more: Record<string, object> = {}): void {
    for (const one of requests) one.flush({ ...ANSWERS, ...more }[url(one)] ?? {});
  }
  /** After whatever was to be done at once. */
  async function soon(): Promise<string[]> {
    await new Promise((wake) => setTimeout(wake));
    return asked().map(url);
  }
  /** With its settings, which are asked for once it is known that the file has the feed. */
  async function page(): Promise<HTMLElement> {
    let stable = false;
    void harness.fixture.whenStable().then(() => (stable = true));
    await vi.waitUntil(
      () => {
        TestBed.tick();
        answer(server.match('/api/v1/feeds/spot/settings'));
        return stable;
      },
      { ...PATIENCE, interval: 1 },
    );
    return harness.routeNativeElement!;
  }
  async function opened(address = '/feeds/spot', more: Record<string, object> = {}): Promise<HTMLElement> {
    socket.tell('snapshot', snapshot(0, [feed('spot', { inserted: 1234 })]));
    await harness.navigateByUrl(address);
    answer(asked(), more);
    return page();
  }
  const text = (shown: HTMLElement, of: string): string => shown.querySelector(of)?.textContent.trim() ?? '';

  it('asks for all that it shows, of this feed and this window', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot')]));
    await harness.navigateByUrl('/feeds/spot?window=7d&to=2026-01-31');
    const requests = asked();
    expect(requests.map(url).sort()).toEqual(
      Object.keys(ANSWERS)
        .filter((one) => !one.endsWith('/settings'))
        .sort(),
    );
    const told = Object.fromEntries(requests.map((one) => [url(one), one.request.params.toString()]));
    expect(told['/api/v1/feeds/spot/history']).toBe('minutes=10080');
    expect(told['/api/v1/freshness']).toBe('feed=spot&hours=168');
    expect(told['/api/v1/completeness']).toBe('feed=spot&days=371&limit=1000&to=2026-01-31');
    answer(requests);
    expect(text(await page(), 'nav [aria-current]')).toBe('7d');
  });

  it('shows what was answered, with its units', async () => {
    const shown = await opened();
    expect(text(shown, '.rows')).toBe('1,234');
    expect(text(shown, 'tw-feed-past .facts')).toContain('250 ms · 1.5 s');
    expect(text(shown, 'tw-feed-past .facts')).toContain('2 s · 1 min 15 s');
    expect(text(shown, 'tw-feed-days summary')).toContain('2 days with files, 2 without, 1 with files set aside');
    expect(shown.querySelectorAll('tw-latest-batches tbody tr')).toHaveLength(2);
    expect(text(shown, 'tw-reject-reasons li')).toContain('3 lines (75%) in 1 file');
    expect(text(shown, 'tw-reject-reasons')).toContain('1 line for other reasons');
    expect([...shown.querySelectorAll('tw-settings-in-force dd')].map((one) => one.textContent)).toEqual([
      'file:///data/spot/',
      '1%',
    ]);
  });

  it('draws its charts, and tells each in words and as a table', async () => {
    const shown = await opened();
    await expect.poll(() => drawing.options.length, PATIENCE).toBeGreaterThanOrEqual(4);
    const labels = [...shown.querySelectorAll('[role=img].drawn')].map((one) => one.getAttribute('aria-label'));
    expect(labels).toHaveLength(4);
    expect(labels[3]).toContain('Days of trades. Jan 2, 2020 to Jan 5, 2020');
    const details = shown.querySelector<HTMLDetailsElement>('tw-feed-days details')!;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await page();
    expect(details.querySelectorAll('tbody tr')).toHaveLength(4);
  });

  it('asks again when the live view tells of this feed, and of no other', async () => {
    const shown = await opened();
    socket.tell('feeds', changed(1, [feed('fx')]));
    await page();
    expect(await soon()).toEqual([]);
    socket.tell('feeds', changed(2, [feed('spot', { inserted: 2000 })]));
    const again = await vi.waitUntil(() => {
      const requests = asked();
      return requests.some((one) => url(one) === '/api/v1/batches') && requests;
    }, PATIENCE);
    expect(shown.querySelectorAll('tw-latest-batches tbody tr')).toHaveLength(2);
    answer(again, { '/api/v1/batches': { batches: [batch(10), batch(9), batch(8)], next: null } });
    await page();
    expect(shown.querySelectorAll('tw-latest-batches tbody tr')).toHaveLength(3);
    expect(text(shown, '.rows')).toBe('2,000');
  });

  it('says of each part why it is not there, and shows the others', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot')]));
    await harness.navigateByUrl('/feeds/spot');
    for (const one of asked()) {
      if (url(one) === '/api/v1/completeness')
        one.flush({ detail: 'Given up.', cure: 'Ask for less.' }, { status: 503, statusText: '' });
      else if (url(one) === '/api/v1/batches')
        one.flush({ detail: 'That is for others.' }, { status: 403, statusText: '' });
      else answer([one]);
    }
    const shown = await page();
    expect(text(shown, 'tw-feed-days [role=alert]')).toContain('Given up. Ask for less.');
    expect(text(shown, 'tw-latest-batches [role=alert]')).toContain('That is for others.');
    expect(shown.querySelectorAll('[role=alert] strong')).toHaveLength(2);
    shown.querySelector<HTMLElement>('tw-feed-days [role=alert] button')!.click();
    answer(asked());
    expect(text(await page(), 'tw-feed-days summary')).toContain('2 days with files');
  });

  it('says so where nothing has happened yet', async () => {
    const shown = await opened('/feeds/spot', {
      '/api/v1/feeds/spot/history': history([]),
      '/api/v1/completeness': { days: [], next: null },
      '/api/v1/batches': { batches: [], next: null },
      '/api/v1/feeds/spot/rejects/reasons': { counted: 0, reasons: [] },
    });
    expect(text(shown, 'tw-chart .blank')).toBe('No record in this time');
    expect(text(shown, 'tw-feed-days')).toContain('No day has a file yet.');
    expect(text(shown, 'tw-latest-batches')).toContain('Nothing has been merged yet.');
    expect(text(shown, 'tw-reject-reasons')).toContain('No line was refused.');
  });

  it('knows what a feed is that the file no longer has', async () => {
    const shown = await opened('/feeds/spot', {
      '/api/v1/feeds': { feeds: [{ feed: 'spot', configured: false, stream: null }] },
    });
    expect(text(shown, 'tw-settings-in-force')).toContain('has no feed of this name');
  });

  it('says what to do where the ledger knows no such feed', async () => {
    socket.tell('snapshot', snapshot(0, []));
    await harness.navigateByUrl('/feeds/spot');
    answer(asked());
    expect(text(await page(), '.empty')).toContain('tradewind stream spot');
  });

  it('waits for the first snapshot, and says why none comes', async () => {
    await harness.navigateByUrl('/feeds/spot');
    answer(asked());
    expect((await page()).querySelector('[aria-busy=true]')).not.toBeNull();
    socket.tell('connect_error', Object.assign(new Error('All places are taken.'), { data: { status: 503 } }));
    expect(text(await page(), '[role=alert]')).toContain('All places are taken.');
  });

  it('marks its numbers as old while the connection is lost', async () => {
    const shown = await opened();
    expect(shown.querySelector('.old')).toBeNull();
    socket.tell('disconnect');
    await page();
    expect(shown.querySelectorAll('.old')).toHaveLength(2);
    expect(shown.querySelectorAll('tw-latest-batches tbody tr')).toHaveLength(2);
  });
});
