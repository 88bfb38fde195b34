import { BreakpointObserver } from '@angular/cdk/layout';
import { httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';
import { map } from 'rxjs';

import { ActionBar } from '../actions/action-bar';
import { sweep } from '../actions/actions';
import { Desk } from '../actions/desk';
import { Listing } from '../listing/listing';
import { Live } from '../live/live';
import { Chip } from '../show/chip';
import { Clock } from '../show/clock';
import { Session } from '../session/session';
import { commandLine } from '../show/command-line';
import { Copy } from '../show/copy';
import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { grouped, several } from '../show/numbers';
import { Time } from '../show/time';
import { Days } from '../wire/days';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { Discoveries, Sweep, Sweeps } from '../wire/sweeps';
import { DayStrip } from './day-strip';
import { calendars, WINDOW } from './gaps';
import { SweepDetails } from './sweep-details';
import { SweepStrip } from './sweep-strip';
import { standings, Told, told } from './told';
import { journaled } from './verdict';

const read = reader(Sweeps);

/** Milliseconds after which it is looked whether there was another sweep: one that finds nothing is told by nobody. */
const BEAT = 30_000;
/** Columns below these widths, as in the styles; ten above them. */
const COLUMNS: Readonly<Record<string, number>> = { '(max-width: 45rem)': 3, '(max-width: 80rem)': 7 };

/** Whether what events told and what the stores' listings show are the same: sweep by sweep, and day by day. */
@Component({
  selector: 'tw-reconciliation-page',
  imports: [ActionBar, Chip, Copy, DayStrip, Icon, MatButton, Notice, RouterLink, SweepDetails, SweepStrip, Time],
  templateUrl: './reconciliation-page.html',
  styleUrl: './reconciliation-page.scss',
})
export class ReconciliationPage {
  private readonly router = inject(Router);
  private readonly live = inject(Live);
  private readonly session = inject(Session);
  protected readonly desk = inject(Desk);

  readonly feed = input<string>();
  /** "differences": without the sweeps that agree. */
  readonly only = input<string>();
  /** The number of the sweep that is opened. */
  readonly open = input<string>();

  /** What is shown was true when the connection was lost. */
  protected readonly away = this.live.away;
  protected readonly grouped = grouped;
  protected readonly several = several;
  protected readonly journaled = journaled;
  protected readonly window = WINDOW;

  /** How many columns are shown: one that spans more would take their room. */
  protected readonly columns = toSignal(
    inject(BreakpointObserver)
      .observe(Object.keys(COLUMNS))
      .pipe(map(({ breakpoints }) => Object.entries(COLUMNS).find(([at]) => breakpoints[at])?.[1] ?? 10)),
    { requireSync: true },
  );

  protected readonly feeds = computed(() => {
    const names = this.live.feeds().map((feed) => feed.feed);
    const wanted = this.feed();
    return !wanted || names.includes(wanted) ? names : [wanted, ...names];
  });
  private readonly params = computed((): Record<string, string> => {
    const feed = this.feed();
    return feed ? { feed } : {};
  });

  private readonly known = httpResource(() => '/api/v1/feeds', { parse: reader(Discoveries) });
  private readonly discoveries = computed(
    () =>
      new Map((this.known.hasValue() ? this.known.value().feeds : []).map(({ feed, discovery }) => [feed, discovery])),
  );
  protected readonly list = new Listing<Sweep>(
    computed(() => ({ url: '/api/v1/reconciliations', params: this.params() })),
    (raw) => {
      const { reconciliations, next } = read(raw);
      return { rows: reconciliations, next };
    },
  );
  private readonly further = computed(() => this.list.rows().length > 200);
  protected readonly all = computed(() => told(this.list.rows(), this.discoveries()));
  protected readonly shown = computed(() =>
    this.only() ? this.all().filter(({ verdict }) => verdict.tone !== 'good') : this.all(),
  );
  protected readonly standings = computed(() =>
    standings(this.all()).map((one) => ({
      ...one,
      how: this.how(one.feed),
      actions: [sweep(one.feed)],
      command: commandLine([...this.session.command(), ...sweep(one.feed).command]),
    })),
  );
  /** Those whose latest sweep found nothing that anybody should have told of. */
  protected readonly agreeing = computed(
    () => this.standings().filter(({ latest }) => !['warn', 'bad'].includes(latest.verdict.tone)).length,
  );

  protected readonly days = httpResource(
    () => ({ url: '/api/v1/completeness', params: { ...this.params(), days: WINDOW, limit: 1000 } }),
    { parse: reader(Days) },
  );
  protected readonly calendars = computed(() => (this.days.hasValue() ? calendars(this.days.value().days) : []));
  protected readonly daysProblem = computed(() => {
    const error = this.days.error();
    return error ? problem(error) : null;
  });

  constructor() {
    const clock = inject(Clock);
    const beat = computed(() => (this.live.link().is === 'live' ? Math.floor(clock.now() / BEAT) : null));
    const begun = untracked(beat);
    effect(() => {
      // What was read further down would be gone.
      if (beat() !== null && beat() !== begun && !untracked(this.further))
        untracked(() => {
          this.reload();
        });
    });
  }

  protected filter(name: 'feed' | 'only', event: Event): void {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    const value = field instanceof HTMLInputElement ? (field.checked ? 'differences' : '') : field.value;
    void this.go({ [name]: value || null, open: null });
  }

  protected toggle({ sweep }: Told): void {
    const id = String(sweep.reconciliation_id);
    void this.go({ open: this.open() === id ? null : id });
  }

  protected reload(): void {
    this.list.reload();
    this.days.reload();
  }

  private how(feed: string): string {
    const how = this.discoveries().get(feed);
    return how ? `found by ${how}` : '';
  }

  private go(queryParams: Record<string, string | null>): Promise<boolean> {
    return this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
}
