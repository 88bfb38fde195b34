import type { EChartsCoreOption } from 'echarts/core';

import { InkSet } from './inks';

const FONT = "'Inter Variable', system-ui, sans-serif";
const SMALL = 12;

/**
 * What is drawn, with what all charts have: the page's type and colours, no motion, and a tooltip that is drawn like the
 * rest, since the page's policy lets nobody write styles.
 */
export function look(inks: InkSet, drawn: EChartsCoreOption): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: inks.ink },
    ...drawn,
    tooltip: { ...tooltip(inks), ...(drawn['tooltip'] as object | undefined) },
  };
}

function tooltip(inks: InkSet): object {
  return {
    renderMode: 'richText',
    confine: true,
    transitionDuration: 0,
    backgroundColor: inks.raised,
    borderColor: inks.line,
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { fontFamily: FONT, fontSize: SMALL, lineHeight: 18, color: inks.ink },
  };
}

/** An axis of time (milliseconds), in the viewer's zone. */
export function times(inks: InkSet, from: number, to: number, written: (at: number) => string): object {
  return {
    type: 'time',
    min: from,
    max: to,
    splitNumber: 5,
    axisLine: { lineStyle: { color: inks.line } },
    axisTick: { lineStyle: { color: inks.line } },
    axisLabel: { color: inks['ink-2'], fontSize: SMALL, hideOverlap: true, formatter: written },
  };
}

/** An axis of numbers from zero; at least `most` high, lest a single thing looks like a flood. */
export function numbers(inks: InkSet, written: (value: number) => string, most = 0): object {
  return {
    type: 'value',
    min: 0,
    max: (found: { max: number }) => (found.max > most ? null : most),
    splitNumber: 3,
    axisLabel: { color: inks['ink-2'], fontSize: SMALL, formatter: written },
    splitLine: { lineStyle: { color: inks.line } },
  };
}
