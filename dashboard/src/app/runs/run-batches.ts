import { httpResource } from '@angular/common/http';
import { Component, computed, effect, input, linkedSignal, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { OneRun, RunBatch, RunBatches, underWay } from '../wire/runs';
import { askAgain } from './ask-again';
import { Took } from './took';

const AT_ONCE = 20;
/** Milliseconds until the merge that has begun meanwhile is looked for. */
const PACE = 5000;

/** The merges of a run, newest first, asked for again when it has made another. */
@Component({
  selector: 'tw-run-batches',
  imports: [Icon, MatButton, Notice, RouterLink, Time, Took],
  templateUrl: './run-batches.html',
  styleUrl: './run-batches.scss',
})
export class RunBatchesTable {
  readonly run = input.required<OneRun>();
  readonly cursor = input<string>();
  /** The latest of them, where the first page is shown. */
  readonly latest = output<readonly RunBatch[]>();

  protected readonly bytes = bytes;
  protected readonly grouped = grouped;
  protected readonly underWay = underWay;

  private readonly id = computed(() => this.run().run_id);
  /** One is as old as the number of merges that were made before it. */
  private readonly made = computed(() => `${this.run().progress.batches} ${this.run().state}`);
  protected readonly list = httpResource(
    () => {
      this.made();
      const cursor = this.cursor();
      return {
        url: '/api/v1/batches',
        params: { run_id: this.id(), limit: AT_ONCE, ...(cursor ? { cursor } : {}) },
      };
    },
    { parse: reader(RunBatches) },
  );
  protected readonly problem = computed(() => {
    const error = this.list.error();
    return error ? problem(error) : null;
  });
  protected readonly page = linkedSignal<RunBatches | undefined, RunBatches | undefined>({
    source: () => (this.list.hasValue() ? this.list.value() : undefined),
    computation: (now, before) => now ?? before?.value,
  });

  constructor() {
    askAgain(this.list, () => (underWay(this.run()) && !this.cursor() ? PACE : null));
    effect(() => {
      const page = this.page();
      if (page && !this.cursor()) this.latest.emit(page.batches);
    });
  }

  protected reload(): void {
    this.list.reload();
  }
}
