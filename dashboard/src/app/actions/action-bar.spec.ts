import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { PATIENCE } from '../../patience';
import { oneRun } from '../runs/runs-told';
import { Session } from '../session/session';
import { ActionBar } from './action-bar';
import { Action, cancel, ofFile, pause, resume } from './actions';
import { file } from '../files/files-told';
import { FeedSwitch } from './feed-switch';
import { Results } from './results';

describe('a bar of actions', () => {
  let server: HttpTestingController;
  let bar: ComponentFixture<ActionBar>;
  let results: ComponentFixture<Results>;
  let settled: number;

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting(), provideRouter([])],
    });
    server = TestBed.inject(HttpTestingController);
  });

  async function shown(role: string, ...actions: Action[]): Promise<HTMLElement> {
    const known = TestBed.inject(Session).known();
    server.expectOne('/api/v1/session').flush({ name: 'desk', role });
    await known;
    bar = TestBed.createComponent(ActionBar);
    results = TestBed.createComponent(Results);
    bar.componentRef.setInput('actions', actions);
    settled = 0;
    bar.componentInstance.settled.subscribe(() => (settled += 1));
    await bar.whenStable();
    return bar.nativeElement as HTMLElement;
  }
  function press(name: string, within: ParentNode = document): void {
    const found = [...within.querySelectorAll('button')].find((button) => button.textContent.trim() === name);
    found!.click();
  }
  async function dialog(): Promise<HTMLElement> {
    return vi.waitUntil(() => {
      TestBed.tick();
      return document.querySelector<HTMLElement>('mat-dialog-container form');
    }, PATIENCE);
  }
  async function told(): Promise<string> {
    await results.whenStable();
    return (results.nativeElement as HTMLElement).textContent;
  }
  async function ends(id: number, state: 'done' | 'failed', reason: string | null = null): Promise<void> {
    const looked = await vi.waitUntil(() => server.match(`/api/v1/runs/${id}`)[0], PATIENCE);
    looked.flush(oneRun(id, { kind: 'command', state, reason }));
    await expect.poll(() => settled, PATIENCE).toBe(1);
  }

  it('does at once what stops nothing, and tells how it went', async () => {
    const page = await shown('operator', resume('spot'));
    press('Resume', page);
    server.expectOne('/api/v1/feeds/spot/resume').flush({ run_id: 4, state: 'queued', command: ['tradewind'] });
    await expect.poll(told, PATIENCE).toContain('Resume spot');
    await ends(4, 'done');
    expect(await told()).toMatch(/done\s*Run 4/);
    expect((results.nativeElement as HTMLElement).querySelector('a')?.getAttribute('href')).toBe('/runs/4');
  });

  it('has command lines for the configuration that this server was given', async () => {
    const known = TestBed.inject(Session).known();
    const command = ['tradewind', '--config', '/etc/trade wind.toml'];
    server.expectOne('/api/v1/session').flush({ name: 'desk', role: 'operator', command });
    await known;
    bar = TestBed.createComponent(ActionBar);
    bar.componentRef.setInput('actions', [pause('spot')]);
    await bar.whenStable();
    const line = "tradewind --config '/etc/trade wind.toml' pause -- spot";
    expect((bar.nativeElement as HTMLElement).querySelector('code')?.textContent).toBe(line);
    press('Pause', bar.nativeElement as HTMLElement);
    const asked = await dialog();
    expect(asked.querySelector('code')?.textContent.trim().replaceAll(/\s+/g, ' ')).toBe(line);
    press('Leave it', asked);
    await expect.poll(() => document.querySelector('mat-dialog-container'), PATIENCE).toBeNull();
  });

  it('asks before it stops something, and shows the command', async () => {
    const page = await shown('operator', pause('spot'));
    press('Pause', page);
    const asked = await dialog();
    expect(asked.querySelector('code')?.textContent.trim()).toBe('tradewind pause -- spot');
    press('Leave it', asked);
    await expect.poll(() => document.querySelector('mat-dialog-container'), PATIENCE).toBeNull();
    server.expectNone('/api/v1/feeds/spot/pause');
    expect(settled).toBe(0);
  });

  it('cancels once that is confirmed', async () => {
    press('Cancel run', await shown('operator', cancel(7)));
    press('Cancel run', await dialog());
    server.expectOne('/api/v1/runs/7/cancel').flush({ run_id: 7, state: 'running' });
    await ends(7, 'done');
  });

  it('wants a reason where one is kept', async () => {
    press('Ignore', await shown('operator', ...ofFile(file(7, { state: 'quarantined' }))));
    const asked = await dialog();
    press('Ignore', asked);
    TestBed.tick();
    expect(asked.querySelector('[role=alert]')?.textContent).toContain('Say why.');
    const field = asked.querySelector('input')!;
    field.value = "the vendor's test";
    field.dispatchEvent(new Event('input'));
    TestBed.tick();
    expect(asked.querySelector('code')?.textContent).toContain(`'--reason=the vendor'\\''s test' -- spot`);
    press('Ignore', asked);
    const sent = server.expectOne('/api/v1/files/7/ignore');
    expect(sent.request.body).toEqual({ reason: "the vendor's test" });
    sent.flush({ run_id: 5, state: 'queued' });
    await ends(5, 'failed', 'it was loaded meanwhile');
    expect(await told()).toContain('it was loaded meanwhile');
  });

  it('keeps the dialog open with what the server says against it', async () => {
    press('Pause', await shown('operator', pause('spot')));
    const asked = await dialog();
    press('Pause', asked);
    const refusal = { detail: 'Eight are under way.', cure: 'Wait.' };
    server.expectOne('/api/v1/feeds/spot/pause').flush(refusal, { status: 429, statusText: '' });
    await expect
      .poll(() => {
        TestBed.tick();
        return asked.querySelector('[role=alert]')?.textContent;
      }, PATIENCE)
      .toContain('Eight are under way. Wait.');
    press('Leave it', asked);
    await expect.poll(() => document.querySelector('mat-dialog-container'), PATIENCE).toBeNull();
  });

  it('tells what went wrong where nothing was asked before', async () => {
    const page = await shown('operator', resume('spot'));
    press('Resume', page);
    server.expectOne('/api/v1/feeds/spot/resume').flush({ detail: 'No.' }, { status: 404, statusText: '' });
    await expect.poll(() => page.querySelector('[role=alert]')?.textContent, PATIENCE).toBe('No.');
  });

  it('tells that it cannot be told how it goes, where nobody answers then', async () => {
    press('Resume', await shown('operator', resume('spot')));
    server.expectOne('/api/v1/feeds/spot/resume').flush({ run_id: 4, state: 'queued' });
    (await vi.waitUntil(() => server.match('/api/v1/runs/4')[0], PATIENCE)).error(new ProgressEvent('error'));
    await expect.poll(told, PATIENCE).toContain('How it goes cannot be told: The server does not answer.');
    press('', results.nativeElement as HTMLElement);
    await expect.poll(told, PATIENCE).toBe('');
  });

  it('lets a viewer do nothing, and says why', async () => {
    const page = await shown('viewer', pause('spot'));
    const button = page.querySelector('button')!;
    expect(button.getAttribute('aria-disabled')).toBe('true');
    const why = button.getAttribute('aria-describedby')!;
    expect(page.querySelector(`#${why}`)?.textContent).toContain('You are a viewer');
    button.click();
    await bar.whenStable();
    expect(document.querySelector('mat-dialog-container')).toBeNull();
  });

  it('shows the command line where a browser has no clipboard', async () => {
    const page = await shown('viewer', pause('spot'));
    expect(page.querySelector('code')?.textContent).toBe('tradewind pause -- spot');
  });

  it('has a switch on the row of a feed, which asks too', async () => {
    await shown('operator');
    const row = TestBed.createComponent(FeedSwitch);
    row.componentRef.setInput('feed', { feed: 'spot', paused: true });
    await row.whenStable();
    const button = (row.nativeElement as HTMLElement).querySelector('button')!;
    expect(button.getAttribute('aria-label')).toBe('Resume spot');
    button.click();
    const asked = await dialog();
    expect(asked.querySelector('code')?.textContent.trim()).toBe('tradewind resume -- spot');
    press('Resume', asked);
    server.expectOne('/api/v1/feeds/spot/resume').flush({ run_id: 6, state: 'queued' });
    const looked = await vi.waitUntil(() => server.match('/api/v1/runs/6')[0], PATIENCE);
    looked.flush(oneRun(6, { kind: 'command', state: 'done' }));
    await expect.poll(told, PATIENCE).toContain('done');
  });
});
