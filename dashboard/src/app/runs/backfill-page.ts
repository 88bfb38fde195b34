import { httpResource } from '@angular/common/http';
import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';

import { backfill } from '../actions/actions';
import { Desk } from '../actions/desk';
import { Live } from '../live/live';
import { Session } from '../session/session';
import { Command } from '../show/command';
import { Notice } from '../show/notice';
import { Known } from '../wire/feeds';
import { reader } from '../wire/parts';
import { Problem, problem } from '../wire/problem';
import { faults, Wanted } from './backfill-window';

/** What to load of a feed's history: all of it stands in the address, so that it can be prepared for somebody else. */
@Component({
  selector: 'tw-backfill-page',
  imports: [Command, MatButton, Notice, RouterLink],
  templateUrl: './backfill-page.html',
  styleUrl: './backfill-page.scss',
})
export class BackfillPage {
  private readonly router = inject(Router);
  private readonly live = inject(Live);
  private readonly session = inject(Session);
  protected readonly desk = inject(Desk);

  readonly feed = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly prefix = input<string>();

  protected readonly list = httpResource(() => '/api/v1/feeds', { parse: reader(Known) });
  protected readonly unknown = computed(() => {
    const error = this.list.error();
    return error ? problem(error) : null;
  });
  private readonly known = computed(() =>
    (this.list.hasValue() ? this.list.value().feeds : []).filter((feed) => feed.configured),
  );
  /** As the address has it, and what is being written. */
  protected readonly wanted = linkedSignal<Wanted>(() => ({
    feed: this.feed() ?? (this.known().length === 1 ? (this.known()[0]?.feed ?? '') : ''),
    from: this.from() ?? '',
    to: this.to() ?? '',
    prefix: this.prefix() ?? '',
  }));
  /** One that is asked for by the address is offered, whether it is known or not. */
  protected readonly names = computed(() => {
    const names = this.known().map((feed) => feed.feed);
    const { feed } = this.wanted();
    return !feed || names.includes(feed) ? names : [feed, ...names];
  });
  protected readonly source = computed(() => this.known().find(({ feed }) => feed === this.wanted().feed)?.source);
  protected readonly paused = computed(
    () => this.live.feeds().find(({ feed }) => feed === this.wanted().feed)?.paused ?? false,
  );

  /** A form that nobody has tried to send yet blames nobody for an empty field. */
  private readonly _tried = signal(false);
  protected readonly faults = computed(() => {
    const all = faults(this.wanted());
    return this._tried() ? all : { ...all, feed: undefined };
  });
  protected readonly action = computed(() => {
    const { feed, ...window } = this.wanted();
    return feed ? backfill(feed, window) : null;
  });
  protected readonly viewer = computed(() => this.session.who()?.role === 'viewer');

  private readonly _busy = signal(false);
  protected readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  protected readonly problem = this._problem.asReadonly();

  protected write(name: keyof Wanted, event: Event): void {
    const { value } = event.target as HTMLInputElement | HTMLSelectElement;
    this._problem.set(null);
    this.wanted.update((before) => ({ ...before, [name]: value }));
  }

  protected keep(): void {
    const queryParams = Object.fromEntries(
      Object.entries(this.wanted()).map(([name, value]: [string, string]) => [name, value || null]),
    );
    void this.router.navigate([], { queryParams, replaceUrl: true });
  }

  protected async start(event: Event): Promise<void> {
    event.preventDefault();
    this._tried.set(true);
    const action = this.action();
    if (!this.desk.open() || this.busy() || !action || Object.values(this.faults()).some(Boolean)) return;
    this._busy.set(true);
    this._problem.set(null);
    try {
      const run = await this.desk.ask(action);
      void this.desk.ended(run);
      await this.router.navigate(['/runs', run]);
    } catch (error) {
      this._problem.set(problem(error));
    } finally {
      this._busy.set(false);
    }
  }

  protected reload(): void {
    this.list.reload();
  }
}
