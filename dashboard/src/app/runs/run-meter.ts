import { httpResource } from '@angular/common/http';
import { Component, computed, input } from '@angular/core';

import { Meter } from '../show/meter';
import { grouped } from '../show/numbers';
import { reader } from '../wire/parts';
import { OneRun, Run, underWay } from '../wire/runs';
import { askAgain } from './ask-again';

const PACE = 2000;

/** How far one run of a list is, asked for while it works. */
@Component({
  selector: 'tw-run-meter',
  imports: [Meter],
  template: `
    <tw-meter [part]="part()" [label]="'Run ' + run().run_id" />
    <span class="muted">{{ text() }}</span>
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(4rem, 1fr) auto;
      gap: var(--space-3);
      align-items: center;
      font-size: var(--text-xs);
      font-weight: 400;
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class RunMeter {
  readonly run = input.required<Run>();

  private readonly id = computed(() => this.run().run_id);
  private readonly one = httpResource(() => `/api/v1/runs/${this.id()}`, { parse: reader(OneRun) });
  private readonly told = computed(() => (this.one.hasValue() ? this.one.value() : null));
  protected readonly part = computed(() =>
    this.run().total_files === null ? null : (this.told()?.progress.done ?? 0),
  );
  protected readonly text = computed(() => {
    const { state, total_files: total } = this.run();
    if (total === null) return state === 'queued' ? 'about to begin' : 'listing the source';
    return `${grouped(this.told()?.progress.files ?? 0)} of ${grouped(total)} files`;
  });

  constructor() {
    askAgain(this.one, () => (underWay(this.run()) ? PACE : null));
  }
}
