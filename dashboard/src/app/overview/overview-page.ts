import { Component, computed, inject } from '@angular/core';

import { Live } from '../live/live';
import { Icon } from '../show/icon';
import { grouped } from '../show/numbers';
import { Feed } from '../wire/feeds';
import { FeedRow } from './feed-row';
import { describedFeeds, missingStreams } from './described';
import { byAttention, wantsAttention } from './standing';

const TOTALS = ['inserted', 'files', 'owed', 'rejected', 'quarantined'] as const;
type Totals = Record<(typeof TOTALS)[number], number>;

/** All feeds, what wants attention first, live. */
@Component({
  selector: 'tw-overview-page',
  imports: [FeedRow, Icon],
  templateUrl: './overview-page.html',
  styleUrl: './overview-page.scss',
})
export class OverviewPage {
  private readonly live = inject(Live);

  protected readonly grouped = grouped;
  protected readonly known = this.live.known;
  protected readonly link = this.live.link;
  protected readonly missing = missingStreams(describedFeeds());
  protected readonly feeds = computed(() => byAttention(this.live.feeds(), this.missing()));
  protected readonly totals = computed(() => totals(this.live.feeds()));
  protected readonly wanting = computed(
    () => this.live.feeds().filter((feed) => wantsAttention(feed, this.missing().has(feed.feed))).length,
  );
  protected readonly waiting = Array.from({ length: 4 }, (_, place) => place);
}

function totals(feeds: readonly Feed[]): Totals {
  const sum = (name: keyof Totals): number => feeds.reduce((before, feed) => before + feed[name], 0);
  return Object.fromEntries(TOTALS.map((name) => [name, sum(name)])) as Totals;
}
