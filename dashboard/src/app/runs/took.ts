import { Component, computed, inject, input } from '@angular/core';

import { Clock } from '../show/clock';
import { age } from '../show/times';

/** How long something took, or how long it takes already. */
@Component({ selector: 'tw-took', template: `{{ text() }}` })
export class Took {
  private readonly clock = inject(Clock);

  readonly from = input.required<string>();
  /** Null while it goes on. */
  readonly to = input.required<string | null>();

  protected readonly text = computed(() => {
    const to = this.to();
    const milliseconds = (to === null ? this.clock.now() : Date.parse(to)) - Date.parse(this.from());
    // Shorter than a second is told where it is over: a merge is.
    return to !== null && milliseconds < 1000
      ? `${Math.max(0, Math.round(milliseconds))} ms`
      : age(milliseconds / 1000);
  });
}
