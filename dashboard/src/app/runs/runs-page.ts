import { httpResource } from '@angular/common/http';
import { Component, computed, inject, input, linkedSignal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';

import { Live } from '../live/live';
import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { Time } from '../show/time';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { KINDS, RUN_STATES, Runs, underWay } from '../wire/runs';
import { askAgain } from './ask-again';
import { asked, Filters, FILTERS } from './filters';
import { RunChip } from './run-chip';
import { RunMeter } from './run-meter';
import { RunStrip } from './run-strip';
import { line, titled } from './titled';
import { Took } from './took';

/** Milliseconds until runs are asked for again: while one of them is at work, and else, for another may begin. */
const SOON = 2000;
const LATER = 10_000;

/** Who worked and who works, newest first; which, stands in the page's address. */
@Component({
  selector: 'tw-runs-page',
  imports: [Icon, MatButton, Notice, RouterLink, RunChip, RunMeter, RunStrip, Time, Took],
  templateUrl: './runs-page.html',
  styleUrl: './runs-page.scss',
})
export class RunsPage {
  private readonly router = inject(Router);
  private readonly live = inject(Live);

  readonly feed = input<string>();
  readonly kind = input<string>();
  readonly state = input<string>();
  readonly cursor = input<string>();

  protected readonly kinds = KINDS;
  protected readonly states = RUN_STATES;
  protected readonly line = line;
  protected readonly titled = titled;
  protected readonly underWay = underWay;

  protected readonly filters = computed<Filters>(() => ({ feed: this.feed(), kind: this.kind(), state: this.state() }));
  protected readonly filtered = computed(() => FILTERS.some((name) => this[name]()));
  /** One that is asked for by the address is offered, whether it is known or not. */
  protected readonly feeds = computed(() => {
    const names = this.live.feeds().map((feed) => feed.feed);
    const wanted = this.feed();
    return !wanted || names.includes(wanted) ? names : [wanted, ...names];
  });
  protected readonly old = computed(() => this.live.link().is === 'lost' || this.problem() !== null);

  protected readonly list = httpResource(
    () => ({ url: '/api/v1/runs', params: asked(this.filters(), this.cursor()) }),
    { parse: reader(Runs) },
  );
  protected readonly problem = computed(() => {
    const error = this.list.error();
    return error ? problem(error) : null;
  });
  /** The page before stays until the next one is there, so that nothing jumps. */
  protected readonly page = linkedSignal<Runs | undefined, Runs | undefined>({
    source: () => (this.list.hasValue() ? this.list.value() : undefined),
    computation: (now, before) => now ?? before?.value,
  });
  protected readonly running = computed(() => (this.page()?.runs ?? []).filter(underWay).length);

  constructor() {
    askAgain(this.list, () => (this.running() ? SOON : LATER));
  }

  protected filter(name: keyof Filters, event: Event): void {
    const value = (event.target as HTMLSelectElement).value;
    void this.router.navigate([], {
      queryParams: { [name]: value || null, cursor: null },
      queryParamsHandling: 'merge',
    });
  }

  protected reload(): void {
    this.list.reload();
  }
}
