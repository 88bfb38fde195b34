import type { EChartsCoreOption } from 'echarts/core';

import { Key, Numbers } from '../chart/chart';
import { Ink, InkSet } from '../chart/inks';
import { numbers, times } from '../chart/look';
import { brief, lasting, short } from '../show/axes';
import { grouped, several } from '../show/numbers';
import { here, utc } from '../show/times';
import { Bin, Past } from './past';

/** A chart, and the same in words and numbers. */
export interface Picture {
  readonly words: string;
  /** Whether there is anything to see. */
  readonly some: boolean;
  readonly keys: readonly Key[];
  readonly numbers: Numbers;
  readonly draw: (inks: InkSet) => EChartsCoreOption;
}

interface Line {
  readonly name: string;
  readonly ink: Ink;
  readonly of: (bin: Bin) => number | null;
  readonly dashed?: boolean;
}

const GRID = { left: 4, right: 12, top: 10, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
const OUTCOMES: readonly Line[] = [
  { name: 'new', ink: 'good', of: (bin) => bin.inserted },
  { name: 'updated', ink: 'busy', of: (bin) => bin.updated },
  {
    name: 'nothing new',
    ink: 'still',
    of: (bin) => Math.max(0, bin.records - bin.inserted - bin.updated - bin.rejected),
  },
  { name: 'rejected', ink: 'bad', of: (bin) => bin.rejected },
];
const FILES: readonly Line[] = [
  { name: 'loaded', ink: 'good', of: (bin) => bin.files - bin.quarantined },
  { name: 'set aside', ink: 'bad', of: (bin) => bin.quarantined },
];
const LAGS: readonly Line[] = [
  { name: 'p50', ink: 'accent', of: (bin) => bin.seen_p50_seconds },
  { name: 'p99', ink: 'warn', of: (bin) => bin.seen_p99_seconds, dashed: true },
];

/** Records per second by what became of them. */
export function records(past: Past): Picture {
  const seconds = past.step / 1000;
  const lines = OUTCOMES.map((line) => ({ ...line, of: (bin: Bin) => (line.of(bin) ?? 0) / seconds }));
  const total = sum(past.bins, (bin) => bin.records);
  const top = Math.max(...past.bins.map((bin) => bin.records)) / seconds;
  return {
    some: total > 0,
    words: total ? `${several(total, 'record')}, at most ${brief(top)}/s` : 'No record in this time',
    ...pictured(past, lines, 'bar', (value) => `${brief(value)}/s`),
  };
}

/** Files of committed batches in each step. */
export function files(past: Past): Picture {
  const total = sum(past.bins, (bin) => bin.files);
  const aside = sum(past.bins, (bin) => bin.quarantined);
  return {
    some: total > 0,
    words: total ? `${several(total, 'file')}, ${grouped(aside)} of them set aside` : 'No file in this time',
    ...pictured(past, FILES, 'bar', grouped),
  };
}

/** From a file's first being seen to its committed rows. */
export function lag(past: Past): Picture {
  const worst = Math.max(...past.bins.map((bin) => bin.seen_p99_seconds ?? -1));
  return {
    some: worst >= 0,
    words: worst < 0 ? 'No file was first seen and loaded in this time' : `p99 of a step at most ${lasting(worst)}`,
    ...pictured(past, LAGS, 'line', lasting),
  };
}

function pictured(
  past: Past,
  lines: readonly Line[],
  type: 'bar' | 'line',
  written: (value: number) => string,
): Omit<Picture, 'words' | 'some'> {
  return {
    keys: lines.map(({ name, ink, dashed }) =>
      type === 'bar' ? { name, ink } : { name, ink, line: dashed ? 'dashed' : 'solid' },
    ),
    numbers: table(past, lines, written),
    draw: (inks) => ({
      grid: GRID,
      xAxis: times(inks, past.from, past.to, (at) => short(at, past.to - past.from)),
      yAxis: numbers(inks, type === 'bar' ? brief : lasting, type === 'bar' ? 3 : 0.3),
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: inks['ink-2'] } },
        formatter: (found: unknown) => told(past, lines, written, found),
      },
      series: lines.map((line) => series(past, line, type, inks)),
    }),
  };
}

function series(past: Past, { name, ink, of, dashed }: Line, type: 'bar' | 'line', inks: InkSet): object {
  const data = past.bins.map((bin) => [bin.at + past.step / 2, of(bin)]);
  const colour = { color: inks[ink] };
  if (type === 'bar') return { name, type, stack: 'all', data, barCategoryGap: '15%', itemStyle: colour };
  const line = { ...colour, width: 1.5, type: dashed ? 'dashed' : 'solid' };
  // A point alone has no line that shows it.
  const symbol = (_: unknown, { dataIndex: at }: { dataIndex: number }): string =>
    data[at - 1]?.[1] == null && data[at + 1]?.[1] == null ? 'circle' : 'none';
  return { name, type, data, itemStyle: colour, lineStyle: line, symbol, symbolSize: 5, connectNulls: false };
}

/** What stands in the tooltip of a step. */
function told(past: Past, lines: readonly Line[], written: (value: number) => string, found: unknown): string {
  const place = (found as readonly { dataIndex: number }[])[0]?.dataIndex ?? 0;
  const bin = past.bins[place];
  if (!bin) return '';
  const at = new Date(bin.at).toISOString();
  const some = lines.filter((line) => line.of(bin));
  const parts = some.map((line) => `${line.name}  ${maybe(line.of(bin), written)}`);
  return [here(at), utc(at), ...(parts.length ? parts : ['nothing'])].join('\n');
}

/** The steps in which something happened, newest first. */
function table(past: Past, lines: readonly Line[], written: (value: number) => string): Numbers {
  const some = past.bins.filter((bin) => lines.some((line) => line.of(bin)));
  return {
    head: ['From', ...lines.map((line) => line.name)],
    rows: some
      .toReversed()
      .map((bin) => [here(new Date(bin.at).toISOString()), ...lines.map((line) => maybe(line.of(bin), written))]),
  };
}

function maybe(value: number | null, written: (value: number) => string): string {
  return value === null ? '–' : written(value);
}

function sum(bins: readonly Bin[], of: (bin: Bin) => number): number {
  return bins.reduce((before, bin) => before + of(bin), 0);
}
