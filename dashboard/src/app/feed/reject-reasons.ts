import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { askedOf } from '../live/asked';
import { grouped, several, share } from '../show/numbers';
import { Reasons } from '../wire/feed-facts';
import { Answer } from './answer';

const MANY = 8;

/** Why lines of a feed were refused, the most frequent reason first. */
@Component({
  selector: 'tw-reject-reasons',
  imports: [Answer, RouterLink],
  templateUrl: './reject-reasons.html',
  styleUrl: './reject-reasons.scss',
})
export class RejectReasons {
  readonly feed = input.required<string>();

  protected readonly grouped = grouped;
  protected readonly several = several;

  protected readonly reasons = askedOf(
    Reasons,
    this.feed,
    () => ({ url: `/api/v1/feeds/${encodeURIComponent(this.feed())}/rejects/reasons`, params: { limit: MANY } }),
    () => 5000,
  );
  protected readonly shown = computed(() => {
    const { counted, reasons } = this.reasons.value() ?? { counted: 0, reasons: [] };
    const rest = counted - reasons.reduce((sum, one) => sum + one.rejects, 0);
    return { counted, rest, reasons: reasons.map((one) => ({ ...one, share: share(one.rejects, counted) })) };
  });
}
