import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Clock } from '../show/clock';
import { Icon } from '../show/icon';
import { age, here } from '../show/times';
import { Run } from '../wire/runs';
import { SHOWN } from './states';

/** So many are shown: wider bars than these could not be hit with a finger. */
const KEPT = 40;

/** The latest runs as bars, oldest first: how long each took, and how it ended. */
@Component({
  selector: 'tw-run-strip',
  imports: [Icon, RouterLink],
  template: `
    <p class="muted" id="strip">
      How long the latest {{ bars().length }} took
      <span class="most" title="Twice as high is not twice as long: heights follow the logarithm."
        >the longest {{ longest() }}, by the logarithm</span
      >
    </p>
    <ol aria-labelledby="strip">
      @for (bar of bars(); track bar.id) {
        <li>
          <a [routerLink]="['/runs', bar.id]" [class]="bar.tone" [title]="bar.hint" [attr.aria-label]="bar.hint">
            <span [style.height.%]="bar.height"></span>
            <tw-icon [name]="bar.tone" />
          </a>
        </li>
      }
    </ol>
  `,
  styleUrl: './run-strip.scss',
})
export class RunStrip {
  private readonly clock = inject(Clock);

  /** Newest first. */
  readonly runs = input.required<readonly Run[]>();

  private readonly timed = computed(() =>
    this.runs()
      .slice(0, KEPT)
      .map((run) => ({ run, seconds: seconds(run, this.clock.now()) })),
  );
  private readonly most = computed(() => Math.max(...this.timed().map(({ seconds }) => seconds ?? 0), 1));
  protected readonly longest = computed(() => age(this.most()));
  protected readonly bars = computed(() =>
    this.timed()
      .map((one) => bar(one.run, one.seconds, this.most()))
      .toReversed(),
  );
}

/** Null for one that is lost: when it ended is not known. */
function seconds(run: Run, now: number): number | null {
  if (run.state === 'lost') return null;
  return ((run.ended_at === null ? now : Date.parse(run.ended_at)) - Date.parse(run.started_at)) / 1000;
}

/** By the logarithm: a stream of weeks stands beside a command of a second. */
function bar(run: Run, seconds: number | null, most: number) {
  const told = seconds === null ? '' : `, ${age(seconds)}`;
  return {
    id: run.run_id,
    tone: SHOWN[run.state].tone,
    height: Math.max(8, (100 * Math.log1p(Math.max(0, seconds ?? 0))) / Math.log1p(most)),
    hint: `Run ${run.run_id}, ${run.kind} of ${run.feeds.join(', ')}: ${run.state}${told}, begun ${here(run.started_at)}`,
  };
}
