import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PATIENCE } from '../../patience';
import { feed, snapshot } from '../live/feeds-told';
import { Driven } from './pages-driven';
import { oneRun, run } from './runs-told';

describe('the list of runs', () => {
  let pages: Driven;

  beforeEach(async () => {
    pages = new Driven();
    await pages.open();
  });
  afterEach(() => {
    pages.close();
  });

  it('asks for what the address says', async () => {
    const request = await pages.asked('/runs?feed=spot&kind=backfill&state=failed&cursor=c');
    expect(request.request.params.toString()).toBe('feed=spot&kind=backfill&state=failed&cursor=c');
    const page = await pages.answered(request, { runs: [run(9, { state: 'failed', reason: 'no disk' })], next: 'n' });
    expect(pages.text('tbody tr')).toContain('no disk');
    expect([...page.querySelectorAll('select')].map((field) => field.value)).toEqual(['spot', 'backfill', 'failed']);
    expect(page.querySelector('.pages a:last-child')?.getAttribute('href')).toContain('cursor=n');
    expect(page.querySelector('tbody th a')?.getAttribute('href')).toBe('/runs/9');
  });

  it('puts a filter into the address, and begins at the first page again', async () => {
    const request = await pages.asked('/runs?feed=spot&cursor=c');
    const page = await pages.answered(request, { runs: [run(9, { state: 'done' })], next: null });
    const field = page.querySelectorAll('select')[1]!;
    field.value = 'sweep';
    field.dispatchEvent(new Event('change'));
    await expect.poll(() => pages.address, PATIENCE).toBe('/runs?feed=spot&kind=sweep');
  });

  it('is asked for again, soon while a run is under way', async () => {
    await pages.answered(await pages.asked('/runs'), { runs: [run(9, { kind: 'sweep' })], next: null });
    pages.later(1000);
    pages.server.expectNone('/api/v1/runs');
    pages.later(1000);
    const ended = run(9, { kind: 'sweep', state: 'done', ended_at: '2026-01-05T10:00:00.250+00:00' });
    await pages.answered(pages.server.expectOne('/api/v1/runs'), { runs: [ended], next: null });
    await pages.shows('tbody tr', /done.*250 ms/);
    pages.later(2000);
    pages.server.expectNone('/api/v1/runs');
    pages.later(8000);
    pages.server.expectOne('/api/v1/runs');
  });

  it('shows how far a backfill is', async () => {
    const page = await pages.answered(await pages.asked('/runs'), { runs: [run(9)], next: null });
    (await pages.next('/api/v1/runs/9')).flush(oneRun(9));
    await pages.shows('tw-run-meter', /^25 of 100 files$/);
    expect(page.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('25');
  });

  it('keeps what it has, as old, while nobody answers; and asks when the connection is back', async () => {
    const stream = run(9, { kind: 'stream' });
    const page = await pages.answered(await pages.asked('/runs'), { runs: [stream], next: null });
    pages.socket.tell('disconnect');
    pages.later(60_000);
    pages.server.expectNone('/api/v1/runs');
    pages.harness.detectChanges();
    expect(page.querySelector('.old table')).not.toBeNull();
    pages.socket.tell('snapshot', snapshot(0, [feed('spot')], 'b'));
    TestBed.tick();
    await pages.answered(pages.server.expectOne('/api/v1/runs'), { detail: 'Given up.', cure: 'Wait.' }, 503);
    await pages.shows('[role=alert]', 'Given up. Wait.');
    expect(page.querySelectorAll('tbody tr')).toHaveLength(1);
  });

  it.each([
    ['/runs?state=lost', 'No such run'],
    ['/runs', 'Nothing has run yet'],
  ])('tells nothing found from nothing there: %s', async (address, words) => {
    await pages.answered(await pages.asked(address), { runs: [], next: null });
    expect(pages.text('.empty')).toContain(words);
  });
});
