import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { file } from '../files/files-told';
import { FakeSocket } from '../live/fake-socket';
import { feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { TradePage } from './trade-page';
import { TradesPage } from './trades-page';
import { history, revision, standing, trade } from './trades-told';

const DAY = '/trades?dataset=spot&from=2026-01-05';
const ONE = '/trades/one?dataset=spot&id=T1&symbol=BTCUSDT&venue=binance&date=2026-01-05';

describe('pages of trades', () => {
  let harness: RouterTestingHarness;
  let server: HttpTestingController;
  let socket: FakeSocket;

  beforeEach(async () => {
    socket = new FakeSocket();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter(
          [
            { path: 'trades', component: TradesPage },
            { path: 'trades/one', component: TradePage },
          ],
          withComponentInputBinding(),
        ),
        { provide: SOCKET, useValue: () => socket },
      ],
    });
    TestBed.inject(Live).open();
    server = TestBed.inject(HttpTestingController);
    harness = await RouterTestingHarness.create();
  });
  afterEach(() => {
    TestBed.inject(Live).close();
  });

  async function asked(address: string): Promise<TestRequest> {
    await harness.navigateByUrl(address);
    TestBed.tick();
    return server.expectOne((request) => request.url.startsWith('/api/v1/trades'));
  }
  async function answered(request: TestRequest, body: object, status = 200): Promise<HTMLElement> {
    request.flush(body, { status, statusText: String(status) });
    await harness.fixture.whenStable();
    return harness.routeNativeElement!;
  }
  function rows(page: HTMLElement): Element[] {
    return [...page.querySelectorAll('cdk-virtual-scroll-viewport [role=row]')];
  }
  async function typed(page: HTMLElement, label: string, value: string): Promise<void> {
    const field = [...page.querySelectorAll('label')].find((one) => one.textContent.includes(label))!;
    const input = field.querySelector<HTMLInputElement | HTMLSelectElement>('input, select')!;
    input.value = value;
    input.dispatchEvent(new Event('change'));
    await harness.fixture.whenStable();
  }

  it('ask for what the address says, and keep every digit', async () => {
    const request = await asked(`${DAY}&symbol=BTCUSDT&side=buy`);
    expect(request.request.params.toString()).toBe('dataset=spot&from=2026-01-05&symbol=BTCUSDT&side=buy&limit=200');
    const exact = { price: '0.00000001000000000001', quantity: '12345678901234567890.5' };
    const page = await answered(request, { trades: [trade('T1', exact)], next: null });
    await expect.poll(() => rows(page)[0]?.textContent).toContain('12345678901234567890.5');
    expect(rows(page)[0]?.textContent).toContain('0.00000001000000000001');
    expect(rows(page)[0]?.querySelector('time')?.title).toBe('2026-01-05 10:00:01.000000789 UTC');
    expect(rows(page)[0]?.querySelector('a')?.getAttribute('href')).toBe(ONE);
    expect(page.querySelector('details')?.open).toBe(true);
  });

  it('begin with the last day of the file that was loaded last', async () => {
    socket.tell('snapshot', snapshot(0, [feed('fx', { last_load: '2026-01-04T00:00:00Z' }), feed('spot')]));
    await harness.navigateByUrl('/trades');
    TestBed.tick();
    const newest = server.expectOne('/api/v1/files?feed=spot&state=loaded&limit=100');
    socket.tell('snapshot', snapshot(1, [feed('spot', { inserted: 11 })]));
    TestBed.tick();
    const headAlone = file(2, { max_date: null });
    await answered(newest, { files: [headAlone, file(1)], next: null });
    await expect.poll(() => TestBed.inject(Router).url).toBe(DAY);
    TestBed.tick();
    await answered(server.expectOne(`/api/v1${DAY}&limit=200`), { trades: [trade('T1')], next: null });
  });

  it('say that there is nothing yet where no file was loaded', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot', { files: 0 })]));
    await harness.navigateByUrl('/trades');
    await harness.fixture.whenStable();
    expect(harness.routeNativeElement?.textContent).toContain('No trade has been loaded yet');
  });

  it('say of which dataset there is nothing', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot')]));
    await harness.navigateByUrl('/trades?dataset=sport');
    await harness.fixture.whenStable();
    expect(harness.routeNativeElement?.textContent).toContain('No trade of sport has been loaded yet');
  });

  it('do not say that no trade is there where the newest files alone have none', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot', { inserted: 10 })]));
    await harness.navigateByUrl('/trades?dataset=spot');
    TestBed.tick();
    const newest = server.expectOne('/api/v1/files?feed=spot&state=loaded&limit=100');
    await answered(newest, { files: [file(1, { max_date: null })], next: null });
    expect(harness.routeNativeElement?.textContent).toContain('The newest files have no trade');
  });

  it('look for an id on all days', async () => {
    const page = await answered(await asked(`${DAY}&side=buy`), { trades: [trade('T1')], next: null });
    await typed(page, 'Trade id', ' T7 ');
    await expect.poll(() => TestBed.inject(Router).url).toBe('/trades?dataset=spot&id=T7');
    TestBed.tick();
    const found = server.expectOne('/api/v1/trades/history?dataset=spot&trade_id=T7');
    await answered(found, history([standing('T7'), standing('T7', { trade_date: '2025-01-05' })]));
    await expect.poll(() => rows(page)).toHaveLength(2);
    expect(page.querySelector('.save')).toBeNull();
  });

  it('offer all of them as a file, and by the command line', async () => {
    const page = await answered(await asked(`${DAY}&symbol=A%26B`), { trades: [], next: null });
    expect([...page.querySelectorAll('.save a')].map((link) => link.getAttribute('href'))).toEqual([
      '/api/v1/trades.csv?dataset=spot&from=2026-01-05&symbol=A%26B',
      '/api/v1/trades.arrow?dataset=spot&from=2026-01-05&symbol=A%26B',
    ]);
    expect(page.querySelector('.empty')?.textContent).toContain('No such trade');
  });

  it('put a time of the viewer’s zone into the address as UTC', async () => {
    const page = await answered(await asked(DAY), { trades: [trade('T1')], next: null });
    await typed(page, 'Event time from', '2026-01-05T10:00:01');
    const since = new Date('2026-01-05T10:00:01').toISOString();
    await expect.poll(() => TestBed.inject(Router).url).toBe(`${DAY}&since=${since}`);
    TestBed.tick();
    server.expectOne((request) => request.params.get('since') === since);
  });

  it('show a problem with its cure, and try again', async () => {
    const page = await answered(await asked(DAY), { detail: 'It took too long.', cure: 'Name fewer days.' }, 503);
    expect(page.querySelector('[role=alert]')?.textContent).toContain('It took too long. Name fewer days.');
    page.querySelector<HTMLElement>('[role=alert] button')?.click();
    await answered(server.expectOne(`/api/v1${DAY}&limit=200`), { trades: [trade('T1')], next: null });
    await expect.poll(() => rows(page)).toHaveLength(1);
  });

  it('ask again by themselves what nobody answered, when the connection is back', async () => {
    socket.tell('snapshot', snapshot(0, [feed('spot')]));
    const request = await asked(DAY);
    socket.tell('disconnect');
    request.error(new ProgressEvent('error'));
    await harness.fixture.whenStable();
    const page = harness.routeNativeElement!;
    expect(page.querySelector('[role=alert]')?.textContent).toContain('The server does not answer.');
    socket.tell('snapshot', snapshot(0, [feed('spot')], 'b'));
    TestBed.tick();
    await answered(server.expectOne(`/api/v1${DAY}&limit=200`), { trades: [trade('T1')], next: null });
    await expect.poll(() => rows(page)).toHaveLength(1);
    expect(page.querySelector('[role=alert]')).toBeNull();
  });

  it('tell where a trade comes from, and what each revision changed', async () => {
    const request = await asked(ONE);
    expect(request.request.params.toString()).toBe(
      'dataset=spot&trade_id=T1&symbol=BTCUSDT&venue=binance&trade_date=2026-01-05',
    );
    const now = standing('T1', { file_id: 3, line: 7, status: 'corrected', attributes: { note: 'b' } });
    const before = revision(2, 'T1', { price: '64250.00', attributes: { note: 'a' } });
    const page = await answered(request, history([now], [before, revision(1, 'T1', { price: '1' })]));
    expect(page.querySelector('h1 + tw-status-chip')?.textContent).toContain('corrected');
    expect(document.title).toBe('Trade T1 · Tradewind');
    expect(page.querySelector('[aria-labelledby=from] a')?.getAttribute('href')).toBe('/files/3');
    const changes = [...page.querySelectorAll('ol li')].map((step) =>
      [...step.querySelectorAll('.change')].map((change) => change.textContent.replaceAll(/\s+/g, ' ').trim()),
    );
    expect(changes.map((step) => step.length)).toEqual([3, 2, 0]);
    expect(changes[0]?.[0]).toMatch(/price ?64250.00 ?became ?64250.10/);
    expect(changes[0]?.[2]).toMatch(/note ?a ?became ?b/);
  });

  it('name the line that cancelled it', async () => {
    const cancelled = standing('T1', { status: 'cancelled', cancelled_by: 9, cancelled_line: 1300 });
    const page = await answered(await asked(ONE), history([cancelled]));
    expect(page.querySelector('[aria-labelledby=from]')?.textContent).toMatch(/file 9\s*, line 1,300/);
    expect(page.textContent).toContain('It never had another state.');
  });

  it('show what a withdrawn trade was last', async () => {
    const page = await answered(await asked(ONE), history([], [revision(1, 'T1', { reason: 'withdrawn' })]));
    expect(page.querySelector('.title')?.textContent).toContain('Not in the table');
    expect(page.querySelector('.large')?.textContent).toContain('64250.10');
  });

  it('tell several trades of one id from another', async () => {
    const several = [standing('T1'), standing('T1', { symbol: 'ETHUSDT' })];
    const page = await answered(await asked('/trades/one?dataset=spot&id=T1'), history(several));
    expect([...page.querySelectorAll('ul a')].map((link) => link.textContent)).toEqual([
      'BTCUSDT, binance, 2026-01-05',
      'ETHUSDT, binance, 2026-01-05',
    ]);
  });

  it('say that there is no such trade, or that an address names none', async () => {
    const page = await answered(await asked(ONE), history([]));
    expect(page.querySelector('.empty')?.textContent).toContain('No such trade');
    await harness.navigateByUrl('/trades/one?dataset=spot');
    await expect.poll(() => page.querySelector('[role=alert]')?.textContent).toContain('names no trade');
  });
});
