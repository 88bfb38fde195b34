import { Feed } from '../wire/feeds';

/** Milliseconds that one number stands for, and how many are kept: two minutes. */
export const STEP = 2000;
export const STEPS = 60;
/** Steps of which the rate of now is the mean: ten seconds. */
const LATELY = 5;

/** New rows of each feed over the last two minutes, as heard by this page. */
export class Rates {
  private readonly before = new Map<string, number>();
  private readonly bins = new Map<string, Map<number, number>>();
  private since = Infinity;

  /** Where counting begins, at `at` (milliseconds): what came while nobody listened has no time of its own. */
  begin(feeds: readonly Feed[], at: number): void {
    this.since = Math.floor(at / STEP);
    this.before.clear();
    for (const feed of feeds) this.before.set(feed.feed, feed.inserted);
  }

  /** Totals heard at `at` (milliseconds). */
  heard(feeds: readonly Feed[], at: number): void {
    for (const feed of feeds) {
      const more = feed.inserted - (this.before.get(feed.feed) ?? 0);
      this.before.set(feed.feed, feed.inserted);
      if (more > 0) this.add(feed.feed, Math.floor(at / STEP), more);
    }
  }

  /** Rows per second, oldest first, up to the step that `now` is in; of what was not listened to, none. */
  perSecond(feed: string, now: number): number[] {
    const bins = this.bins.get(feed);
    const last = Math.floor(now / STEP);
    const first = Math.max(last - STEPS + 1, this.since);
    const heard = Math.max(0, last - first + 1);
    return Array.from({ length: heard }, (_, step) => ((bins?.get(first + step) ?? 0) * 1000) / STEP);
  }

  /** Whole rows per second over the last steps. */
  lately(feed: string, now: number): number {
    const last = this.perSecond(feed, now).slice(-LATELY);
    return Math.round(last.reduce((sum, one) => sum + one, 0) / Math.max(1, last.length));
  }

  private add(feed: string, bin: number, more: number): void {
    const bins = this.bins.get(feed) ?? new Map<number, number>();
    bins.set(bin, (bins.get(bin) ?? 0) + more);
    for (const old of bins.keys()) if (old <= bin - STEPS) bins.delete(old);
    this.bins.set(feed, bins);
  }
}
