import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PATIENCE } from '../../patience';
import { Driven } from './pages-driven';

const known = {
  feeds: ['spot', 'fx', 'gone'].map((feed) => ({
    feed,
    configured: feed !== 'gone',
    source: `s3a://trades/${feed}/`,
    paused: feed === 'fx',
  })),
};

describe('the form of a backfill', () => {
  let pages: Driven;

  beforeEach(async () => {
    pages = new Driven();
    await pages.open();
  });
  afterEach(() => {
    pages.close();
  });

  async function form(role: string, address: string): Promise<HTMLElement> {
    await pages.signIn(role);
    return pages.answered(await pages.asked(address, '/api/v1/feeds'), known);
  }
  function start(page: HTMLElement): void {
    page.querySelector<HTMLElement>('[type=submit]')!.click();
    pages.harness.detectChanges();
  }

  it('is filled from the address, and shows what will be run', async () => {
    const page = await form('operator', '/runs/backfill?feed=spot&from=2026-01-01&prefix=BTC%20USDT/');
    expect(pages.text('code')).toBe(`tradewind backfill --from=2026-01-01 '--prefix=BTC USDT/' -- spot`);
    await pages.shows('#feed-told', 's3a://trades/spot/');
    expect([...page.querySelectorAll('option')].map((option) => option.value)).toEqual(['', 'spot', 'fx']);
  });

  it('keeps what is written in the address, and goes to the run that was started', async () => {
    const page = await form('operator', '/runs/backfill?feed=spot');
    const first = page.querySelector<HTMLInputElement>('input[type=date]')!;
    first.value = '2026-01-01';
    first.dispatchEvent(new Event('input'));
    first.dispatchEvent(new Event('change'));
    await expect.poll(() => pages.address, PATIENCE).toBe('/runs/backfill?feed=spot&from=2026-01-01');
    start(page);
    const sent = pages.server.expectOne('/api/v1/feeds/spot/backfill');
    expect(sent.request.body).toEqual({ from: '2026-01-01' });
    sent.flush({ run_id: 9, state: 'queued', command: [] });
    await expect.poll(() => pages.address, PATIENCE).toBe('/runs/9');
  });

  it('sends nothing that cannot be meant', async () => {
    const page = await form('operator', '/runs/backfill?from=2026-02-01&to=2026-01-01');
    expect(pages.text('#to-told')).toContain('Is before the first day');
    expect(pages.text('#feed-told')).toBe('');
    start(page);
    expect(pages.text('#feed-told')).toBe('Choose a feed.');
    expect(page.querySelector('select')?.getAttribute('aria-invalid')).toBe('true');
  });

  it('says that a paused feed loads nothing, and what the server has against it', async () => {
    const page = await form('operator', '/runs/backfill?feed=fx');
    expect(pages.text('#feed-told')).toContain('It is paused and loads nothing.');
    start(page);
    const refusal = { detail: 'The feed is paused.', cure: 'Resume it first.' };
    pages.server.expectOne('/api/v1/feeds/fx/backfill').flush(refusal, { status: 409, statusText: '' });
    await pages.shows('form [role=alert]', 'The feed is paused. Resume it first.');
  });

  it('lets a viewer prepare it for an operator', async () => {
    const page = await form('viewer', '/runs/backfill?feed=spot');
    expect(page.querySelector('[type=submit]')?.getAttribute('aria-disabled')).toBe('true');
    expect(pages.text('#viewer')).toContain('You are a viewer');
    start(page);
    pages.server.expectNone('/api/v1/feeds/spot/backfill');
  });
});
