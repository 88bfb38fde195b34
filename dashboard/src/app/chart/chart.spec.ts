import { ComponentFixture, TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { PATIENCE } from '../../patience';
import { Themes } from '../shell/theme';
import { Chart } from './chart';
import { Drawing, DRAWING } from './drawing';
import { FakeDrawing, FakeResizeObserver } from './fake-drawing';
import { look, numbers, times } from './look';
import { InkSet } from './inks';

const NUMBERS = {
  head: ['From', 'new'],
  rows: [
    ['10:01', '7'],
    ['10:00', '5'],
  ],
};

describe('a chart', () => {
  let drawing: FakeDrawing;
  let drawn: InkSet[];
  let fixture: ComponentFixture<Chart>;

  beforeEach(() => {
    vi.stubGlobal('ResizeObserver', FakeResizeObserver);
    drawing = new FakeDrawing();
    drawn = [];
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    localStorage.clear();
  });

  async function shown(
    load: () => Promise<Drawing> = drawing.load,
    more: Record<string, unknown> = {},
  ): Promise<HTMLElement> {
    TestBed.configureTestingModule({ providers: [{ provide: DRAWING, useValue: load }] });
    fixture = TestBed.createComponent(Chart);
    const draw = (inks: InkSet) => {
      drawn.push(inks);
      return { series: [{ type: 'bar' }] };
    };
    const keys = [{ ink: 'good', name: 'new' }];
    const inputs = {
      heading: 'Throughput',
      unit: 'records/s',
      words: '12 records',
      keys,
      draw,
      numbers: NUMBERS,
      ...more,
    };
    for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  }

  it('is drawn without motion, with its title, its unit and what its colours mean', async () => {
    const page = await shown();
    await expect.poll(() => drawing.options.length, PATIENCE).toBe(1);
    expect(drawing.options[0]).toMatchObject({ animation: false, series: [{ type: 'bar' }] });
    expect(page.querySelector('h3')?.textContent).toMatch(/Throughput\s+records\/s/);
    expect(page.querySelector('.keys')?.textContent).toContain('new');
  });

  it('is told in words to who does not see it, and in numbers to who wants them', async () => {
    const page = await shown();
    expect(page.querySelector('[role=img]')?.getAttribute('aria-label')).toBe('Throughput. 12 records');
    expect(page.querySelector('table')).toBeNull();
    const details = page.querySelector('details')!;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await fixture.whenStable();
    expect([...page.querySelectorAll('tbody tr')].map((row) => row.textContent.trim())).toEqual(['10:017', '10:005']);
  });

  it('is drawn anew in the colours of another theme', async () => {
    await shown();
    await expect.poll(() => drawing.options.length, PATIENCE).toBe(1);
    TestBed.inject(Themes).next();
    await fixture.whenStable();
    await expect.poll(() => drawing.options.length, PATIENCE).toBe(2);
    expect(drawn[1]).not.toBe(drawn[0]);
  });

  it('says so where what draws it cannot be loaded, and has its numbers all the same', async () => {
    const page = await shown(() => Promise.reject(new Error('offline')));
    await fixture.whenStable();
    expect(page.querySelector('.drawn')).toBeNull();
    expect(page.textContent).toContain('The chart could not be loaded; its numbers are below.');
    expect(page.querySelector('summary')?.textContent).toBe('12 records');
  });

  it('says in its middle that there is nothing to see', async () => {
    const page = await shown(drawing.load, { blank: true, words: 'No record in this time' });
    expect(page.querySelector('.blank')?.textContent).toBe('No record in this time');
  });

  it('has a tooltip that no policy forbids, and axes from zero', () => {
    const inks = new Proxy({}, { get: (_, name) => String(name) }) as InkSet;
    expect(look(inks, { tooltip: { trigger: 'axis' } })).toMatchObject({
      tooltip: { renderMode: 'richText', trigger: 'axis' },
    });
    const axis = numbers(inks, String, 3) as { min: number; max: (found: { max: number }) => number | null };
    expect([axis.min, axis.max({ max: 2 }), axis.max({ max: 12 })]).toEqual([0, 3, null]);
    expect(times(inks, 1, 2, String)).toMatchObject({ type: 'time', min: 1, max: 2 });
  });
});
