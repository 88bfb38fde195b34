import type { EChartsCoreOption } from 'echarts/core';

import { Key, Numbers } from '../chart/chart';
import { Ink, InkSet } from '../chart/inks';
import { dayHere, monthNames, weekdayNames } from '../show/axes';
import { grouped, several } from '../show/numbers';
import { Cell, DayState, Span } from './days';

interface Shown {
  readonly ink: Ink;
  /** Drawn into the cell: colour is never alone. */
  readonly sign: string;
  readonly word: string;
}

export const LOOKS: Record<DayState, Shown> = {
  full: { ink: 'good', sign: '', word: 'all loaded' },
  bad: { ink: 'bad', sign: '×', word: 'files set aside' },
  busy: { ink: 'busy', sign: '…', word: 'still owed' },
  still: { ink: 'still', sign: '–', word: 'nothing to load' },
  gap: { ink: 'warn', sign: '', word: 'no file' },
  closed: { ink: 'line', sign: '', word: 'closed' },
};
/** By level. */
export const STRENGTHS = [0.3, 0.5, 0.75, 1] as const;
/** Width of the names of weekdays, height of those of months. */
const LEFT = 36;
const TOP = 20;
const SMALLEST = 18;
const LARGEST = 28;
const YEAR = 53;

/** How many weeks fit into a width, a year at most, and how large a day is then; in pixels. */
export function fitting(width: number): { readonly weeks: number; readonly cell: number; readonly height: number } {
  const weeks = Math.min(YEAR, Math.max(8, Math.floor((width - LEFT) / SMALLEST)));
  const cell = Math.min(LARGEST, Math.max(SMALLEST, Math.floor((width - LEFT) / weeks)));
  return { weeks, cell, height: TOP + 7 * cell + 2 };
}

/** What the colours of these cells mean. */
export function keys(cells: readonly Cell[]): Key[] {
  const found = new Set(cells.map((cell) => cell.is));
  return (['full', 'busy', 'bad', 'still', 'gap', 'closed'] as const)
    .filter((state) => found.has(state))
    .map((state) => {
      const { ink, sign, word } = LOOKS[state];
      return { ink, sign, name: word, hollow: state === 'gap' };
    });
}

export function words(cells: readonly Cell[]): string {
  const [first, last] = [cells[0], cells.at(-1)];
  if (!first || !last) return 'No day has a file';
  const many = (state: DayState): number => cells.filter((cell) => cell.is === state).length;
  const parts = [
    `${several(cells.length - many('gap') - many('closed'), 'day')} with files`,
    `${grouped(many('gap'))} without`,
  ];
  if (many('bad')) parts.push(`${grouped(many('bad'))} with files set aside`);
  if (many('busy')) parts.push(`${grouped(many('busy'))} still owed`);
  return `${dayHere(first.day)} to ${dayHere(last.day)}: ${parts.join(', ')}`;
}

/** Newest first. */
export function table(cells: readonly Cell[]): Numbers {
  return {
    head: ['Day', 'What became of it', 'Files', 'Set aside', 'Owed', 'Records', 'Rejected'],
    rows: cells
      .toReversed()
      .map(({ day, is, told }) => [
        dayHere(day),
        LOOKS[is].word,
        ...[told?.files, told?.quarantined, told?.owed, told?.records, told?.rejected].map((count) =>
          grouped(count ?? 0),
        ),
      ]),
  };
}

/** `size` of a day in pixels. */
export function draw(cells: readonly Cell[], { from, to }: Span, size: number): (inks: InkSet) => EChartsCoreOption {
  return (inks) => ({
    tooltip: { trigger: 'item', formatter: (of: { dataIndex: number }) => hint(cells[of.dataIndex]) },
    calendar: {
      left: LEFT,
      top: TOP,
      cellSize: [size, size],
      range: [from, to],
      itemStyle: { color: 'transparent', borderWidth: 0 },
      splitLine: { show: false },
      yearLabel: { show: false },
      dayLabel: { firstDay: 1, nameMap: weekdayNames(), color: inks['ink-2'], fontSize: 11, margin: 6 },
      monthLabel: { nameMap: monthNames(), color: inks['ink-2'], fontSize: 11, align: 'left', margin: 6 },
    },
    series: [
      {
        type: 'custom',
        coordinateSystem: 'calendar',
        data: cells.map((cell) => [cell.day, cell.level]),
        renderItem: (of: { dataIndex: number }, api: { coord: (day: string) => readonly number[] }) => {
          const cell = cells[of.dataIndex];
          return cell && square(cell, api.coord(cell.day), size - 3, inks);
        },
      },
    ],
  });
}

/** A gap is an empty frame: what is missing has no colour of its own. */
function square(cell: Cell, [x = 0, y = 0]: readonly number[], size: number, inks: InkSet): object {
  const { ink, sign } = LOOKS[cell.is];
  const style =
    cell.is === 'gap'
      ? { fill: inks.raised, stroke: inks[ink], lineWidth: 1.5, lineDash: [3, 2] }
      : { fill: inks[ink], opacity: cell.is === 'full' ? STRENGTHS[cell.level] : 1 };
  const shape = { x: x - size / 2, y: y - size / 2, width: size, height: size, r: 3 };
  const text = {
    text: sign,
    x,
    y,
    fill: inks.raised,
    align: 'center',
    verticalAlign: 'middle',
    fontSize: 13,
    fontWeight: 700,
  };
  return {
    type: 'group',
    children: [
      { type: 'rect', shape, style },
      { type: 'text', style: text, silent: true },
    ],
  };
}

function hint(cell: Cell | undefined): string {
  if (!cell) return '';
  const { told } = cell;
  const lines = [dayHere(cell.day), LOOKS[cell.is].word];
  if (!told) return lines.join('\n');
  lines.push(several(told.files, 'file'), several(told.records, 'record'));
  if (told.quarantined) lines.push(`${grouped(told.quarantined)} set aside`);
  if (told.owed) lines.push(`${grouped(told.owed)} owed`);
  if (told.rejected) lines.push(several(told.rejected, 'line') + ' rejected');
  return lines.join('\n');
}
