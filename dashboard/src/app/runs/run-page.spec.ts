import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Driven } from './pages-driven';
import { batch, oneRun, progress } from './runs-told';

describe('the page of a run', () => {
  let pages: Driven;

  beforeEach(async () => {
    pages = new Driven();
    await pages.open();
  });
  afterEach(() => {
    pages.close();
  });

  async function merges(...batches: object[]): Promise<void> {
    const request = await pages.next('/api/v1/batches');
    expect(request.request.params.get('run_id')).toBe('9');
    request.flush({ batches, next: null });
    await pages.harness.fixture.whenStable();
  }

  it('tells how far it is and how long it will yet take', async () => {
    const page = await pages.answered(await pages.asked('/runs/9'), oneRun(9));
    expect(pages.text('.left')).toContain('not known before the first merge');
    await merges(batch(2, { started_at: '2026-01-05T10:00:30Z', committed_at: '2026-01-05T10:00:50Z' }), batch(1));
    await pages.shows('.line', /^25% 25 of 100 files About 2 min 20 s left$/);
    expect(page.querySelectorAll('tw-run-batches tbody tr')).toHaveLength(2);
    pages.later(1000);
    const more = oneRun(9, { progress: progress({ batches: 3, files: 100, done: 1 }) });
    await pages.answered(pages.server.expectOne('/api/v1/runs/9'), more);
    await merges(batch(3), batch(2), batch(1));
    await pages.shows('.line', /^100% 100 of 100 files Finishing$/);
  });

  it('says that it does not know how much there is before the listing has ended', async () => {
    const begun = oneRun(9, { total_files: null, progress: progress({ files: 0, batches: 0, done: null }) });
    const page = await pages.answered(await pages.asked('/runs/9'), begun);
    expect(pages.text('.left')).toContain('not known yet');
    expect(page.querySelector('[role=progressbar]')?.hasAttribute('aria-valuenow')).toBe(false);
    await merges();
    await pages.shows('tw-run-batches', 'It has merged nothing yet.');
  });

  it('finds the first merge when it has begun', async () => {
    const begun = oneRun(9, { progress: progress({ files: 0, batches: 0, done: 0 }) });
    await pages.answered(await pages.asked('/runs/9'), begun);
    await merges();
    pages.later(5000);
    pages.server.expectOne('/api/v1/runs/9').flush(begun);
    await merges(batch(1, { committed_at: null, records: null, inserted: null }));
    await pages.shows('tw-run-batches tbody', 'at work');
  });

  it('shows it to its end, and asks no more', async () => {
    const ended = oneRun(9, {
      state: 'failed',
      reason: 'its process ended with 1',
      ended_at: '2026-01-05T10:00:50Z',
      last_lines: 'Traceback\nNo space left',
      cancelled_by: 'bob',
    });
    const page = await pages.answered(await pages.asked('/runs/9'), ended);
    await merges();
    expect(pages.text('.means.bad')).toBe('its process ended with 1');
    expect(page.querySelector('details')?.open).toBe(true);
    expect([...page.querySelectorAll('pre')].map((line) => line.textContent)).toEqual(['Traceback', 'No space left']);
    expect(pages.text('[aria-labelledby=facts]')).toMatch(/Asked byann ?Cancelled bybob/);
    expect(pages.text('tw-command code')).toBe('tradewind backfill --from=2026-01-01 -- spot');
    const again = page.querySelector('a[href^="/runs/backfill"]');
    expect(again?.getAttribute('href')).toBe('/runs/backfill?feed=spot&from=2026-01-01');
    pages.later(60_000);
    pages.server.expectNone('/api/v1/runs/9');
  });

  it('tells what a command answered', async () => {
    const sweep = oneRun(9, {
      kind: 'sweep',
      state: 'done',
      answer: [{ list_calls: 1200, under: null, ended_at: '2026-01-05T10:00:00+00:00' }],
    });
    await pages.answered(await pages.asked('/runs/9'), sweep);
    expect(pages.text('.answer')).toMatch(/^list calls ?1,200 ?ended at ?\D+5, 2026/);
    expect(pages.text('[aria-labelledby=progress]')).toBeUndefined();
  });

  it('lets an operator cancel it', async () => {
    await pages.signIn('operator');
    const page = await pages.answered(await pages.asked('/runs/9'), oneRun(9));
    await pages.shows('tw-action-bar button', 'Cancel run');
    pages.later(1000);
    await pages.answered(
      pages.server.expectOne('/api/v1/runs/9'),
      oneRun(9, { stop_requested: true, cancelled_by: 'bob' }),
    );
    await pages.shows('.left', 'Stops after what it has in hand');
    expect(page.querySelector('tw-action-bar')).toBeNull();
  });

  it('sends who would cancel a stream to its feeds', async () => {
    await pages.signIn('operator');
    const stream = oneRun(9, { kind: 'stream', total_files: null });
    const page = await pages.answered(await pages.asked('/runs/9'), stream);
    expect(page.textContent).toContain('A stream ends where it was started');
    expect(page.querySelector('tw-action-bar')).toBeNull();
  });

  it('that is not there is told, with the way back', async () => {
    const page = await pages.answered(await pages.asked('/runs/77'), { detail: 'There is no run 77.' }, 404);
    expect(pages.text('[role=alert]')).toContain('There is no run 77.');
    expect(page.querySelector('p a')?.getAttribute('href')).toBe('/runs');
  });
});
