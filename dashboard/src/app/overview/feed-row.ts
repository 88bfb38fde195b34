import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { FeedSwitch } from '../actions/feed-switch';
import { Live } from '../live/live';
import { STEPS } from '../live/rates';
import { Chip } from '../show/chip';
import { Clock } from '../show/clock';
import { grouped, share } from '../show/numbers';
import { Time } from '../show/time';
import { Feed } from '../wire/feeds';
import { Sparkline } from './sparkline';
import { pausedToo, standing } from './standing';

/** One feed: how it stands, what it holds, how fresh it is. */
@Component({
  selector: 'tw-feed-row',
  imports: [Chip, FeedSwitch, RouterLink, Sparkline, Time],
  templateUrl: './feed-row.html',
  styleUrl: './feed-row.scss',
})
export class FeedRow {
  private readonly live = inject(Live);
  private readonly clock = inject(Clock);

  readonly feed = input.required<Feed>();
  /** Its stream is expected to run, and does not. */
  readonly missing = input(false);

  protected readonly grouped = grouped;
  protected readonly standing = computed(() => standing(this.feed(), this.missing()));
  protected readonly pausedToo = computed(() => pausedToo(this.feed(), this.missing()));
  protected readonly rejected = computed(() => share(this.feed().rejected, this.feed().records));
  protected readonly slots = STEPS;
  protected readonly rates = computed(() => this.live.rates.perSecond(this.feed().feed, this.clock.now()));
  protected readonly rate = computed(() => this.live.rates.lately(this.feed().feed, this.clock.now()));
}
