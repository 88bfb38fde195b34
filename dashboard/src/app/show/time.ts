import { Component, computed, inject, input } from '@angular/core';

import { Clock } from './clock';
import { age, here, hereExactly, utc, utcExactly } from './times';

/** A moment in the viewer's zone, or how long ago it was; UTC on hover. */
@Component({
  selector: 'tw-time',
  template: `<time [attr.datetime]="at()" [title]="hint()">{{ text() }}</time>`,
})
export class Time {
  private readonly clock = inject(Clock);

  readonly at = input.required<string>();
  /** As an age that grows: "4 s". */
  readonly ago = input(false);

  /** To the nanosecond. */
  readonly exact = input(false);

  protected readonly text = computed(() => {
    if (this.ago()) return age((this.clock.now() - Date.parse(this.at())) / 1000);
    return this.exact() ? hereExactly(this.at()) : here(this.at());
  });
  protected readonly hint = computed(() => {
    if (this.ago()) return `${here(this.at())} · ${utc(this.at())}`;
    return this.exact() ? utcExactly(this.at()) : utc(this.at());
  });
}
