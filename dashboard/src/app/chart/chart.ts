import { Component, computed, inject, input, signal } from '@angular/core';
import type { EChartsCoreOption } from 'echarts/core';
import { NGX_ECHARTS_CONFIG, NgxEchartsDirective } from 'ngx-echarts';

import { DRAWING, Drawing } from './drawing';
import { InkSet, Ink, Inks } from './inks';
import { look } from './look';

/** What a colour of a chart stands for. */
export interface Key {
  readonly ink: Ink;
  readonly name: string;
  /** A sign in it, a line, or a frame alone. */
  readonly sign?: string;
  readonly line?: 'solid' | 'dashed';
  readonly hollow?: boolean;
}

/** A chart's numbers in words. */
export interface Numbers {
  readonly head: readonly string[];
  /** The first cell of each row names it. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * A chart with its title and unit, what its colours mean, and the same as a sentence and as a table for who cannot or
 * will not look at it.
 */
@Component({
  selector: 'tw-chart',
  imports: [NgxEchartsDirective],
  providers: [{ provide: NGX_ECHARTS_CONFIG, useFactory: () => ({ echarts: inject(DRAWING) }) }],
  templateUrl: './chart.html',
  styleUrl: './chart.scss',
})
export class Chart {
  private readonly inks = inject(Inks);

  readonly heading = input.required<string>();
  readonly unit = input<string>();
  /** What it shows, in a sentence. */
  readonly words = input.required<string>();
  /** There is nothing to see: the words say so in its middle. */
  readonly blank = input(false);
  readonly keys = input<readonly Key[]>([]);
  readonly draw = input.required<(inks: InkSet) => EChartsCoreOption>();
  readonly numbers = input.required<Numbers>();

  private readonly _state = signal<'waiting' | 'ready' | 'failed'>('waiting');
  protected readonly state = this._state.asReadonly();
  private readonly _open = signal(false);
  protected readonly open = this._open.asReadonly();
  protected readonly options = computed(() => {
    const inks = this.inks.now();
    return look(inks, this.draw()(inks));
  });

  constructor() {
    void this.load(inject(DRAWING));
  }

  protected toggled(event: Event): void {
    this._open.set((event.target as HTMLDetailsElement).open);
  }

  /** Before the chart is there, lest two changes make two of them. */
  private async load(drawing: () => Promise<Drawing>): Promise<void> {
    try {
      await drawing();
      this._state.set('ready');
    } catch {
      this._state.set('failed');
    }
  }
}
