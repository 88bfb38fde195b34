import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Chart } from '../chart/chart';
import { askedOf } from '../live/asked';
import { Clock } from '../show/clock';
import { hostWidth } from '../show/width';
import { Completeness } from '../wire/history';
import { Answer } from './answer';
import { draw, fitting, keys, table, words } from './calendar-picture';
import { cells, firstOf, later, Measure, monday } from './days';

/** A day that is older ends the calendar by itself: the feed is history. */
const RECENT = 31;
/** What is asked for: a year, and the week it begins in. */
const DAYS = 371;

/** Which days are there, which are not, and which want a look: a calendar. */
@Component({
  selector: 'tw-feed-days',
  imports: [Answer, Chart, RouterLink],
  templateUrl: './feed-days.html',
  styleUrl: './feed-days.scss',
})
export class FeedDays {
  private readonly clock = inject(Clock);
  private readonly width = hostWidth();

  readonly feed = input.required<string>();
  /** The last day shown; else the newest there is. */
  readonly to = input<string>();
  readonly by = input<Measure>('records');
  /** Whether no file is to be expected on weekends. */
  readonly weekdays = input(false);

  protected readonly measures = [
    { name: 'records', word: 'Records' },
    { name: 'files', word: 'Files' },
  ] as const;

  private readonly upTo = computed((): { to?: string } => {
    const to = this.told();
    return to === undefined ? {} : { to };
  });
  private readonly told = computed(() => (/^\d{4}-\d\d-\d\d$/.test(this.to() ?? '') ? this.to() : undefined));
  protected readonly days = askedOf(
    Completeness,
    this.feed,
    () => ({
      url: '/api/v1/completeness',
      params: { feed: this.feed(), days: DAYS, limit: 1000, ...this.upTo() },
    }),
    () => 5000,
  );
  private readonly today = computed(() => new Date(this.clock.now()).toISOString().slice(0, 10));
  private readonly last = computed(() => {
    const newest = this.days.value()?.days[0]?.day;
    if (this.told() !== undefined || newest === undefined) return this.told() ?? this.today();
    return later(newest, RECENT) > this.today() && newest < this.today() ? this.today() : newest;
  });
  private readonly fitting = computed(() => fitting(this.width()));
  protected readonly height = computed(() => `${this.fitting().height}px`);
  private readonly oldest = computed(() => this.days.value()?.days.at(-1)?.day);
  /** As many weeks as there is room for, and none before the first file. */
  private readonly first = computed(() => {
    const [first, oldest] = [firstOf(this.fitting().weeks, this.last()), monday(this.oldest() ?? this.last())];
    return first > oldest ? first : oldest;
  });
  protected readonly earlier = computed(() => {
    const oldest = this.oldest();
    return oldest !== undefined && oldest < this.first() ? later(this.first(), -1) : null;
  });
  protected readonly shown = computed(() => {
    const days = this.days.value()?.days;
    if (!days) return null;
    const span = { from: this.first(), to: this.last(), today: this.today(), weekdays: this.weekdays() };
    const found = cells(days, span, this.by());
    const drawn = draw(found, span, this.fitting().cell);
    return { some: found.length > 0, words: words(found), keys: keys(found), numbers: table(found), draw: drawn };
  });
}
