import { Component, computed, inject, input } from '@angular/core';

import { Clock } from '../show/clock';
import { Meter } from '../show/meter';
import { grouped, share } from '../show/numbers';
import { age } from '../show/times';
import { OneRun, RunBatch, underWay } from '../wire/runs';
import { estimate } from './estimate';
import { SHOWN } from './states';

const rate = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** How far a run is, how fast, and how long it will yet take: as far as that is known. */
@Component({
  selector: 'tw-run-progress',
  imports: [Meter],
  templateUrl: './run-progress.html',
  styleUrl: './run-progress.scss',
})
export class RunProgress {
  private readonly clock = inject(Clock);

  readonly run = input.required<OneRun>();
  /** Its latest merges. */
  readonly latest = input.required<readonly RunBatch[]>();

  protected readonly grouped = grouped;
  protected readonly tone = computed(() => SHOWN[this.run().state].tone);
  protected readonly going = computed(() => underWay(this.run()));
  /** A stream has no end, and a sweep or a command counts no files of its own. */
  protected readonly counted = computed(() => this.run().kind === 'backfill');
  protected readonly part = computed(() => {
    const { progress, total_files: total } = this.run();
    return progress.done ?? (total === 0 || !this.going() ? 1 : null);
  });
  protected readonly percent = computed(() => {
    const done = this.run().progress.done;
    // Not all of it before it is: 99.6 % is no 100 %.
    return done === null ? null : share(done < 1 ? Math.min(done, 0.99) : 1, 1);
  });
  private readonly speed = computed(() => (this.going() ? estimate(this.run(), this.latest()) : null));
  protected readonly files = computed(() => this.told(this.speed()?.filesPerSecond));
  protected readonly rows = computed(() => this.told(this.speed()?.rowsPerSecond));

  /** In words; null where nothing is left to wait for. */
  protected readonly left = computed(() => {
    const { state, stop_requested, cancelled_by, total_files: total, progress } = this.run();
    if (!this.going()) return null;
    // A backfill that has found nothing more to do asks itself to stop.
    if (stop_requested) return cancelled_by ? 'Stops after what it has in hand' : 'Finishing';
    if (state === 'queued') return 'About to begin';
    if (total === null) return 'Listing the source: how much there is, is not known yet';
    if (progress.files >= total) return 'Finishing';
    const endsAt = this.speed()?.endsAt;
    if (!endsAt) return 'Time left: not known before the first merge';
    const seconds = (endsAt - this.clock.now()) / 1000;
    return seconds > 0 ? `About ${age(seconds)} left` : 'Slower than its merges before: time left not known';
  });

  private told(perSecond: number | undefined): string {
    return perSecond === undefined ? '–' : rate.format(perSecond);
  }
}
