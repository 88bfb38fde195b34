import { Location } from '@angular/common';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { PATIENCE } from '../../patience';
import { FakeSocket } from '../live/fake-socket';
import { changed, feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { oneRun } from '../runs/runs-told';
import { Session } from '../session/session';
import { FilePage } from './file-page';
import { FilesPage } from './files-page';
import { file, oneFile } from './files-told';

describe('pages of files', () => {
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
            { path: 'files', component: FilesPage },
            { path: 'files/:id', component: FilePage },
          ],
          withComponentInputBinding(),
        ),
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

  async function asked(address: string): Promise<TestRequest> {
    await harness.navigateByUrl(address);
    TestBed.tick();
    return server.expectOne((request) => request.url.startsWith('/api/v1/files'));
  }
  async function answered(request: TestRequest, body: object, status = 200): Promise<HTMLElement> {
    request.flush(body, { status, statusText: String(status) });
    await harness.fixture.whenStable();
    return harness.routeNativeElement!;
  }

  function rows(page: HTMLElement): Element[] {
    return [...page.querySelectorAll('cdk-virtual-scroll-viewport [role=row]')];
  }

  it('ask for what the address says', async () => {
    const request = await asked('/files?feed=spot&state=quarantined&seen_by=sweep');
    expect(request.request.params.toString()).toBe('feed=spot&state=quarantined&seen_by=sweep&limit=200');
    const page = await answered(request, { files: [file(2, { state: 'quarantined', reason: 'cut off' })], next: null });
    await expect.poll(() => rows(page)[0]?.textContent).toContain('cut off');
    expect(page.querySelector('[role=table]')?.getAttribute('aria-label')).toBe('Files, newest first');
    expect([...page.querySelectorAll('select')].map((field) => field.value)).toEqual(['spot', 'quarantined', 'sweep']);
  });

  it('put a filter into the address, and begin at the first page again', async () => {
    const page = await answered(await asked('/files?feed=spot'), { files: [file(2)], next: null });
    const field = page.querySelectorAll('select')[1]!;
    field.value = 'loaded';
    field.dispatchEvent(new Event('change'));
    await expect.poll(() => TestBed.inject(Router).url).toBe('/files?feed=spot&state=loaded');
    TestBed.tick();
    server.expectOne('/api/v1/files?feed=spot&state=loaded&limit=200');
  });

  it('read on by the cursor before one has scrolled to the end, and say how many they are', async () => {
    const page = await answered(await asked('/files?feed=spot'), { files: [file(2)], next: 'n' });
    expect(page.querySelector('[role=table]')?.getAttribute('aria-rowcount')).toBe('-1');
    const more = await vi.waitUntil(() => server.match('/api/v1/files?feed=spot&limit=500&cursor=n')[0]);
    await answered(more, { files: [file(1)], next: null });
    await expect.poll(() => rows(page).map((row) => row.getAttribute('aria-rowindex'))).toEqual(['2', '3']);
    expect(page.querySelector('[role=table]')?.getAttribute('aria-rowcount')).toBe('3');
    expect(page.querySelector('.told')?.textContent).toBe('2 files');
  });

  it('keep what was read where the next page fails, and try that one again', async () => {
    const page = await answered(await asked('/files'), { files: [file(2)], next: 'n' });
    const more = await vi.waitUntil(() => server.match('/api/v1/files?limit=500&cursor=n')[0]);
    await answered(more, { detail: 'Given up.' }, 503);
    expect(rows(page)).toHaveLength(1);
    page.querySelector<HTMLElement>('[role=alert] button')?.click();
    await answered(server.expectOne('/api/v1/files?limit=500&cursor=n'), { files: [file(1)], next: null });
    await expect.poll(() => rows(page)).toHaveLength(2);
    expect(page.querySelector('[role=alert]')).toBeNull();
  });

  it('draw few of many, and go from row to row by the keys', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => file(1000 - at));
    const page = await answered(await asked('/files'), { files: many, next: null });
    await expect.poll(() => rows(page).length).toBeGreaterThan(5);
    expect(rows(page).length).toBeLessThan(100);
    const focused = (): string | null => (document.activeElement as HTMLElement | null)?.textContent ?? null;
    document.body.append(harness.fixture.nativeElement as HTMLElement);
    const press = (key: string): void => {
      const at = page.contains(document.activeElement) ? document.activeElement : null;
      (at ?? page.querySelector('cdk-virtual-scroll-viewport')!).dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true }),
      );
    };
    press('ArrowDown');
    expect(focused()).toBe('1000.csv');
    press('ArrowDown');
    expect(focused()).toBe('999.csv');
    press('Home');
    expect(focused()).toBe('1000.csv');
  });

  it('are there again for who goes back, without another question', async () => {
    await answered(await asked('/files?feed=spot'), { files: [file(2)], next: null });
    await harness.navigateByUrl('/files/2');
    TestBed.tick();
    server.expectOne('/api/v1/files/2').flush(oneFile(2));
    TestBed.inject(Router).setUpLocationChangeListener();
    TestBed.inject(Location).back();
    await expect.poll(() => TestBed.inject(Router).url).toBe('/files?feed=spot');
    await expect.poll(() => rows(harness.routeNativeElement!)).toHaveLength(1);
    server.expectNone((request) => request.url === '/api/v1/files');
  });

  it('say that there is news, and move nothing by themselves', async () => {
    const page = await answered(await asked('/files?feed=spot'), { files: [file(2)], next: null });
    socket.tell('feeds', changed(1, [feed('fx', { files: 2 })]));
    await harness.fixture.whenStable();
    expect(page.querySelector('.news button')).toBeNull();
    socket.tell('feeds', changed(2, [feed('spot', { files: 2 })]));
    await harness.fixture.whenStable();
    page.querySelector<HTMLElement>('.news button')?.click();
    TestBed.tick();
    await answered(server.expectOne('/api/v1/files?feed=spot&limit=200'), { files: [file(3), file(2)], next: null });
    await expect.poll(() => rows(page)).toHaveLength(2);
    expect(page.querySelector('.news button')).toBeNull();
  });

  it('tell nothing found from nothing there', async () => {
    const page = await answered(await asked('/files?state=vanished'), { files: [], next: null });
    expect(page.querySelector('.empty')?.textContent).toContain('No such file');
  });

  it('show a problem with its cure, and try again', async () => {
    const page = await answered(await asked('/files'), { detail: 'Given up.', cure: 'Ask for less.' }, 503);
    expect(page.querySelector('[role=alert]')?.textContent).toContain('Given up. Ask for less.');
    page.querySelector<HTMLElement>('[role=alert] button')?.click();
    TestBed.tick();
    await answered(server.expectOne('/api/v1/files?limit=200'), { files: [file(2)], next: null });
    await expect.poll(() => rows(page)).toHaveLength(1);
  });

  it('refuse an answer that is not understood, and name the field', async () => {
    const page = await answered(await asked('/files'), { files: [{ ...file(2), size: '100' }], next: null });
    expect(page.querySelector('[role=alert]')?.textContent).toContain('files.0.size');
  });

  it('mark the cell that was refused', async () => {
    const page = await answered(await asked('/files/7'), oneFile(7));
    expect(page.querySelector('mark')?.textContent).toBe('abc');
    expect(page.querySelector('h1')?.textContent).toBe('7.csv');
    expect(document.title).toBe('7.csv · Tradewind');
  });

  it('show the books as they add up', async () => {
    const page = await answered(await asked('/files/7'), oneFile(7));
    const parts = [...page.querySelectorAll<HTMLElement>('tw-parts-bar .bar span')].map((part) => part.style.flexGrow);
    expect(parts).toEqual(['7', '1', '1']);
  });

  it('tell of a file set aside what was read, not what was merged', async () => {
    const page = await answered(
      await asked('/files/7'),
      oneFile(7, { state: 'quarantined', reason: 'too many', inserted: null, records: 310, rejected: 60 }),
    );
    expect(page.textContent).toContain('310 records were read, 60 of them rejected; nothing was merged.');
  });

  async function signIn(role: string): Promise<void> {
    const known = TestBed.inject(Session).known();
    server.expectOne('/api/v1/session').flush({ name: 'desk', role });
    await known;
  }

  it('let an operator retry a file, and show it anew when the run has ended', async () => {
    await signIn('operator');
    const page = await answered(await asked('/files/7'), oneFile(7, { state: 'quarantined' }));
    page.querySelector<HTMLElement>('tw-action-bar button')?.click();
    server.expectOne('/api/v1/files/7/retry').flush({ run_id: 4, state: 'queued', command: ['tradewind'] });
    const looked = await vi.waitUntil(() => server.match('/api/v1/runs/4')[0]);
    looked.flush(oneRun(4, { kind: 'command', state: 'done' }));
    const again = await vi.waitUntil(() => {
      TestBed.tick();
      return server.match('/api/v1/files/7')[0];
    });
    await answered(again, oneFile(7, { state: 'superseded' }));
    expect(page.querySelector('h1 + tw-state-chip')?.textContent).toContain('superseded');
    expect(page.querySelector('tw-action-bar')).toBeNull();
  });

  async function askedAgain(): Promise<TestRequest> {
    return vi.waitUntil(() => {
      TestBed.tick();
      return server.match('/api/v1/files/7')[0];
    }, PATIENCE);
  }

  it('show a file anew when its feed has changed, and nothing else meanwhile', async () => {
    const page = await answered(await asked('/files/7'), oneFile(7, { state: 'loading' }));
    socket.tell('feeds', changed(1, [feed('fx', { files: 2 })]));
    await harness.fixture.whenStable();
    socket.tell('feeds', changed(2, [feed('spot', { files: 2 })]));
    const again = await askedAgain();
    expect(page.querySelector('h1 + tw-state-chip')?.textContent).toContain('loading');
    await answered(again, oneFile(7, { state: 'loaded' }));
    expect(page.querySelector('h1 + tw-state-chip')?.textContent).toContain('loaded');
    expect(server.match('/api/v1/files/7')).toHaveLength(0);
  });

  it('keep showing a file that cannot be asked for while the connection is lost, and ask when it is back', async () => {
    const page = await answered(await asked('/files/7'), oneFile(7));
    socket.tell('feeds', changed(1, [feed('spot', { files: 2 })]));
    const again = await askedAgain();
    socket.tell('disconnect');
    again.error(new ProgressEvent('error'));
    await harness.fixture.whenStable();
    expect(page.querySelector('h1')?.textContent).toBe('7.csv');
    expect(page.querySelector('[role=alert] strong')).toBeNull();
    socket.tell('snapshot', snapshot(0, [feed('spot')], 'b'));
    await answered(await askedAgain(), oneFile(7, { state: 'superseded' }));
    expect(page.querySelector('h1 + tw-state-chip')?.textContent).toContain('superseded');
  });

  it('show a viewer the command, quoted', async () => {
    await signIn('viewer');
    const page = await answered(await asked('/files/7'), oneFile(7, { state: 'ignored', uri: "file:///a b/it's.csv" }));
    expect(page.querySelector('tw-action-bar button')?.getAttribute('aria-disabled')).toBe('true');
    expect(page.querySelector('tw-action-bar code')?.textContent).toBe(
      `tradewind files retry --state=ignored --version=v1 -- spot 'file:///a b/it'\\''s.csv'`,
    );
  });
});
