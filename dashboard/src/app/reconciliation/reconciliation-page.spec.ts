import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeSocket } from '../live/fake-socket';
import { feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { Session } from '../session/session';
import { Day } from '../wire/days';
import { Sweep } from '../wire/sweeps';
import { ReconciliationPage } from './reconciliation-page';
import { sweep } from './sweeps-told';

describe('the page of reconciliation', () => {
  let harness: RouterTestingHarness;
  let server: HttpTestingController;

  beforeEach(async () => {
    const socket = new FakeSocket();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([{ path: 'reconciliation', component: ReconciliationPage }], withComponentInputBinding()),
        { provide: SOCKET, useValue: () => socket },
      ],
    });
    TestBed.inject(Live).open();
    socket.tell('snapshot', snapshot(0, [feed('spot'), feed('fx')]));
    server = TestBed.inject(HttpTestingController);
    harness = await RouterTestingHarness.create();
  });
  afterEach(() => {
    TestBed.inject(Live).close();
  });

  /** The question for sweeps; those for feeds and days are answered. */
  async function asked(address: string, days: Day[] = []): Promise<TestRequest> {
    await harness.navigateByUrl(address);
    TestBed.tick();
    server.match('/api/v1/feeds').forEach((request) => {
      request.flush({
        feeds: [
          { feed: 'spot', discovery: 'events' },
          { feed: 'fx', discovery: 'sweep' },
        ],
      });
    });
    server.expectOne((request) => request.url === '/api/v1/completeness').flush({ days, next: null });
    return server.expectOne((request) => request.url === '/api/v1/reconciliations');
  }
  async function shown(request: TestRequest, sweeps: Sweep[], next: string | null = null): Promise<HTMLElement> {
    request.flush({ reconciliations: sweeps, next });
    await harness.fixture.whenStable();
    return harness.routeNativeElement!;
  }
  function texts(page: HTMLElement, of: string): string[] {
    return [...page.querySelectorAll(of)].map((one) => one.textContent.replaceAll(/\s+/g, ' ').trim());
  }

  it('shows at a glance which feeds agree, the others first', async () => {
    const sweeps = [sweep(4, { ended_at: null }), sweep(3), sweep(2, { feed: 'fx', incomplete: 'file:///a' })];
    const page = await shown(await asked('/reconciliation'), [...sweeps, sweep(1, { missed: 2 })]);
    expect(page.querySelector('.sum')?.textContent).toContain('1 of 2 feeds agree');
    expect(texts(page, '.feeds h3')).toEqual(['fx', 'spot']);
    expect(texts(page, '.feeds li > tw-chip')).toEqual(['Incomplete', 'Agree']);
    expect(page.querySelectorAll('.feeds [role=img]')[1]?.getAttribute('aria-label')).toBe(
      'Of the latest 3 sweeps 1 agree',
    );
    expect(texts(page, 'tbody th button')).toEqual(['Under way', 'Agree', 'Incomplete', '2 differ']);
  });

  it('takes what sweeps are meant to find for no difference', async () => {
    const page = await shown(await asked('/reconciliation'), [sweep(1, { feed: 'fx', missed: 5 })]);
    expect(texts(page, 'tbody th button')).toEqual(['5 new']);
  });

  it('opens a sweep in the address, and leads to the files that it is about', async () => {
    const sweeps = [sweep(9), sweep(8, { missed: 3, vanished: 1, incomplete: 'file:///b' })];
    const page = await shown(await asked('/reconciliation?feed=spot'), sweeps);
    expect(page.querySelector('tw-sweep-details')).toBeNull();
    page.querySelectorAll<HTMLElement>('tbody th button')[1]?.click();
    await expect.poll(() => TestBed.inject(Router).url).toBe('/reconciliation?feed=spot&open=8');
    await harness.fixture.whenStable();
    expect(page.querySelector('tbody [aria-expanded=true]')?.getAttribute('aria-controls')).toBe('sweep-8');
    expect(page.querySelector('tw-sweep-details')?.textContent).toContain('file:///b');
    const [missed, vanished] = page.querySelectorAll<HTMLAnchorElement>('tw-sweep-details .found a');
    const window = 'from=2026-01-05T10:08:00%2B00:00&to=2026-01-05T10:09:00%2B00:00';
    expect(missed?.getAttribute('href')).toBe(`/files?feed=spot&seen_by=sweep&${window}`);
    expect(vanished?.getAttribute('href')).toBe('/files?feed=spot&state=vanished');
  });

  it('leaves out what agrees where that is asked for', async () => {
    const page = await shown(await asked('/reconciliation?only=differences'), [sweep(2), sweep(1)], 'n');
    expect(page.textContent).toContain('None of the 2 sweeps read so far found anything.');
    page.querySelector<HTMLElement>('.older')?.click();
    const more = server.expectOne('/api/v1/reconciliations?limit=500&cursor=n');
    await shown(more, [sweep(0, { missed: 1 })]);
    expect(texts(page, 'tbody th button')).toEqual(['1 differs']);
    expect(page.querySelector('.older')).toBeNull();
  });

  it('names the days without files', async () => {
    const day = { feed: 'spot', files: 1, loaded: 1, superseded: 0, owed: 0, quarantined: 0, vanished: 0 };
    const days = ['2026-01-16', '2026-01-14', '2026-01-13'].map((on) => ({ ...day, day: on }));
    const page = await shown(await asked('/reconciliation', days), []);
    expect(page.textContent).toContain('No sweep yet');
    expect(page.querySelector('.days')?.textContent).toContain('2026-01-15');
    expect(page.querySelector('.days [role=img]')?.getAttribute('aria-label')).toContain('without files');
  });

  it('lets an operator sweep, and anybody copy the command', async () => {
    const known = TestBed.inject(Session).known();
    server.expectOne('/api/v1/session').flush({ name: 'desk', role: 'operator' });
    await known;
    const page = await shown(await asked('/reconciliation'), [sweep(1)]);
    expect(texts(page, '.feeds tw-action-bar button')[0]).toBe('Sweep');
  });

  it('shows a problem with its cure, and tries again', async () => {
    const request = await asked('/reconciliation?feed=no');
    request.flush({ detail: 'No feed is called no.', cure: 'Choose another.' }, { status: 404, statusText: '' });
    await harness.fixture.whenStable();
    const page = harness.routeNativeElement!;
    expect(page.querySelector('[role=alert]')?.textContent).toContain('No feed is called no. Choose another.');
    page.querySelector<HTMLElement>('[role=alert] button')?.click();
    await shown(server.expectOne('/api/v1/reconciliations?feed=no&limit=200'), [sweep(1)]);
    expect(texts(page, 'tbody th button')).toEqual(['Agree']);
  });
});
