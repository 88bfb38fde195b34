import { Component, computed, input } from '@angular/core';

import { Icon } from '../show/icon';
import { here } from '../show/times';
import { Told } from './told';

const KEPT = 24;

/** A feed's latest sweeps as signs, oldest first: whether the listing and the ledger agreed. */
@Component({
  selector: 'tw-sweep-strip',
  imports: [Icon],
  template: `
    <div role="img" [attr.aria-label]="words()">
      @for (sign of signs(); track sign.id) {
        <span [class]="sign.tone" [title]="sign.hint"><tw-icon [name]="sign.tone" /></span>
      }
    </div>
  `,
  styles: `
    div {
      display: flex;
      flex-wrap: wrap;
      gap: 2px;
      font-size: 0.8rem;
    }
    .good {
      color: var(--good);
    }
    .busy {
      color: var(--busy);
    }
    .still {
      color: var(--still);
    }
    .warn {
      color: var(--warn);
    }
    .bad {
      color: var(--bad);
    }
  `,
})
export class SweepStrip {
  /** Newest first. */
  readonly sweeps = input.required<readonly Told[]>();

  private readonly latest = computed(() => this.sweeps().slice(0, KEPT));
  protected readonly signs = computed(() =>
    this.latest()
      .map(({ sweep, verdict }) => ({
        id: sweep.reconciliation_id,
        tone: verdict.tone,
        hint: `${here(sweep.started_at)}: ${verdict.word}`,
      }))
      .toReversed(),
  );
  protected readonly words = computed(() => {
    const agree = this.latest().filter(({ verdict }) => verdict.tone === 'good').length;
    return `Of the latest ${this.latest().length} sweeps ${agree} agree`;
  });
}
