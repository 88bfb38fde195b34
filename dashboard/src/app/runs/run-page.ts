import { NgTemplateOutlet } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

import { ActionBar } from '../actions/action-bar';
import { cancel } from '../actions/actions';
import { Live } from '../live/live';
import { Command } from '../show/command';
import { Notice } from '../show/notice';
import { PartsBar } from '../show/parts-bar';
import { Time } from '../show/time';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { OneRun, RunBatch, underWay } from '../wire/runs';
import { askAgain } from './ask-again';
import { windowOf } from './backfill-window';
import { facts } from './answer';
import { books } from './books';
import { LogLines } from './log-lines';
import { RunBatchesTable } from './run-batches';
import { RunChip } from './run-chip';
import { RunProgress } from './run-progress';
import { SHOWN } from './states';
import { titled } from './titled';
import { Took } from './took';

/** Milliseconds until a run is asked for again, a little under a tick of the clock; a stream goes on for weeks. */
const SOON = 900;
const LATER = 3000;

/** One run: how far it is, what it has done, who wanted it, and why it ended. */
@Component({
  selector: 'tw-run-page',
  imports: [
    ActionBar,
    Command,
    LogLines,
    MatButton,
    NgTemplateOutlet,
    Notice,
    PartsBar,
    RouterLink,
    RunBatchesTable,
    RunChip,
    RunProgress,
    Time,
    Took,
  ],
  templateUrl: './run-page.html',
  styleUrl: './run-page.scss',
})
export class RunPage {
  private readonly live = inject(Live);

  /** Its number, from the address. */
  readonly run = input.required<string>();
  /** Which page of its batches. */
  readonly cursor = input<string>();

  protected readonly titled = titled;
  protected readonly underWay = underWay;

  protected readonly list = httpResource(() => `/api/v1/runs/${encodeURIComponent(this.run())}`, {
    parse: reader(OneRun),
  });
  protected readonly problem = computed(() => {
    const error = this.list.error();
    return error ? problem(error) : null;
  });
  /** What was known before stays while it is asked for again, even in vain; of another run nothing stays. */
  protected readonly one = linkedSignal<{ id: string; now: OneRun | undefined }, OneRun | undefined>({
    source: () => ({ id: this.run(), now: this.list.hasValue() ? this.list.value() : undefined }),
    computation: ({ id, now }, before) => now ?? (before?.source.id === id ? before.value : undefined),
  });
  protected readonly old = computed(() => this.live.link().is === 'lost' || this.problem() !== null);
  protected readonly latest = signal<readonly RunBatch[]>([]);
  protected readonly actions = computed(() => {
    const now = this.one();
    return now && now.kind !== 'stream' && underWay(now) && !now.stop_requested ? [cancel(now.run_id)] : [];
  });
  protected readonly meaning = computed(() => {
    const now = this.one();
    if (!now) return '';
    return underWay(now) && now.cancelled_by
      ? 'Cancelled: it stops after what it has in hand.'
      : SHOWN[now.state].meaning;
  });
  protected readonly parts = computed(() => books((this.one() ?? { progress: NOTHING }).progress));
  /** Whether it is one that brings files in; another tells what it did by what it answered. */
  protected readonly loads = computed(() => ['stream', 'backfill'].includes(this.one()?.kind ?? ''));
  /** The same backfill once more, as the form takes it. */
  protected readonly again = computed(() => {
    const now = this.one();
    return now?.kind === 'backfill' && !underWay(now) ? windowOf(now) : null;
  });
  protected readonly answers = computed(() => (this.one()?.answer ?? []).map(facts));

  constructor() {
    askAgain(this.list, () => {
      const now = this.one();
      return now && underWay(now) ? (now.kind === 'stream' ? LATER : SOON) : null;
    });
  }

  protected reload(): void {
    this.list.reload();
  }
}

const NOTHING = {
  batches: 0,
  files: 0,
  records: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
  quarantined: 0,
  last_commit: null,
  done: null,
};
