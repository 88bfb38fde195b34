import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { FeedActions } from '../actions/feed-actions';
import { askedOf } from '../live/asked';
import { Live } from '../live/live';
import { STEPS } from '../live/rates';
import { describedFeeds } from '../overview/described';
import { Sparkline } from '../overview/sparkline';
import { pausedToo, standing } from '../overview/standing';
import { Chip } from '../show/chip';
import { Clock } from '../show/clock';
import { grouped, share } from '../show/numbers';
import { Time } from '../show/time';
import { InForce } from '../wire/feed-facts';
import { FeedDays } from './feed-days';
import { FeedPast } from './feed-past';
import { LatestBatches } from './latest-batches';
import { RejectReasons } from './reject-reasons';
import { SettingsInForce } from './settings-in-force';
import { windowOf } from './windows';

/** One feed: how it stands now, what came in lately, which days are there, and what it is loaded by. */
@Component({
  selector: 'tw-feed-page',
  imports: [
    Chip,
    FeedActions,
    FeedDays,
    FeedPast,
    LatestBatches,
    RejectReasons,
    RouterLink,
    SettingsInForce,
    Sparkline,
    Time,
  ],
  templateUrl: './feed-page.html',
  styleUrl: './feed-page.scss',
})
export class FeedPage {
  private readonly live = inject(Live);
  private readonly clock = inject(Clock);

  /** Its name, from the address. */
  readonly feed = input.required<string>();
  /** How far back the charts look, by its name in the address. */
  readonly window = input<string>();
  /** The last day of the calendar, and what it counts. */
  readonly to = input<string>();
  readonly by = input<string>();

  private readonly all = describedFeeds();
  private readonly described = computed(() => this.all()?.get(this.feed()));
  protected readonly configured = computed(() => this.described()?.configured);
  /** Of a feed that the file no longer has there are none to be asked for. */
  protected readonly settings = askedOf(
    InForce,
    this.feed,
    () => (this.configured() ? { url: `/api/v1/feeds/${encodeURIComponent(this.feed())}/settings` } : undefined),
    () => 60_000,
  );
  protected readonly weekdays = computed(() =>
    Boolean(this.settings.value()?.settings.some((one) => one.key === 'calendar' && one.value === 'weekdays')),
  );

  protected readonly grouped = grouped;
  protected readonly link = this.live.link;
  protected readonly known = this.live.known;
  protected readonly row = computed(() => this.live.feed(this.feed()));
  private readonly missing = computed(() => this.described()?.stream === 'missing');
  protected readonly standing = computed(() => {
    const row = this.row();
    return row && standing(row, this.missing());
  });
  protected readonly pausedToo = computed(() => {
    const row = this.row();
    return row && pausedToo(row, this.missing());
  });
  protected readonly rejected = computed(() => share(this.row()?.rejected ?? 0, this.row()?.records ?? 0));
  protected readonly slots = STEPS;
  protected readonly rates = computed(() => this.live.rates.perSecond(this.feed(), this.clock.now()));
  protected readonly rate = computed(() => this.live.rates.lately(this.feed(), this.clock.now()));
  protected readonly back = computed(() => windowOf(this.window()));
  protected readonly measure = computed(() => (this.by() === 'files' ? 'files' : 'records'));
}
