import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Chart } from '../chart/chart';
import { askedOf } from '../live/asked';
import { lasting } from '../show/axes';
import { Clock } from '../show/clock';
import { several } from '../show/numbers';
import { Time } from '../show/time';
import { FreshnessOfAll, History } from '../wire/history';
import { Answer } from './answer';
import { past, stepAt } from './past';
import { files, lag, records } from './pictures';
import { Window, WINDOWS } from './windows';

/** What came in over the last minutes, hours or days, and how long it took. */
@Component({
  selector: 'tw-feed-past',
  imports: [Answer, Chart, RouterLink, Time],
  templateUrl: './feed-past.html',
  styleUrl: './feed-past.scss',
})
export class FeedPast {
  private readonly clock = inject(Clock);

  readonly feed = input.required<string>();
  readonly window = input.required<Window>();

  protected readonly windows = WINDOWS;
  protected readonly lasting = lasting;
  protected readonly several = several;

  protected readonly history = askedOf(
    History,
    this.feed,
    () => ({
      url: `/api/v1/feeds/${encodeURIComponent(this.feed())}/history`,
      params: { minutes: this.window().minutes },
    }),
    () => this.window().pace,
  );
  protected readonly hours = computed(() => Math.ceil(this.window().minutes / 60));
  protected readonly freshness = askedOf(
    FreshnessOfAll,
    this.feed,
    () => ({ url: '/api/v1/freshness', params: { feed: this.feed(), hours: this.hours() } }),
    () => this.window().pace,
  );
  protected readonly lags = computed(() => this.freshness.value()?.feeds[0] ?? null);

  /** The server's clock is told with each answer; the viewer's may be another. */
  private readonly ahead = computed(() => {
    const history = this.history.value();
    return history ? Date.parse(history.until) - Date.now() : 0;
  });
  /** Moves once a step, not once a second. */
  private readonly last = computed(() => {
    const history = this.history.value();
    return history
      ? Math.max(stepAt(history, this.clock.now() + this.ahead()), stepAt(history, Date.parse(history.until)))
      : 0;
  });
  private readonly past = computed(() => {
    const history = this.history.value();
    return history ? past(history, this.last()) : null;
  });
  protected readonly shown = computed(() => {
    const told = this.past();
    return told && { records: records(told), files: files(told), lag: lag(told), step: lasting(told.step / 1000) };
  });
}
