import { Component, computed, inject, input } from '@angular/core';

import { Clock } from './clock';
import { age, here, utc } from './times';

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

  protected readonly text = computed(() =>
    this.ago() ? age((this.clock.now() - Date.parse(this.at())) / 1000) : here(this.at()),
  );
  protected readonly hint = computed(() => (this.ago() ? `${here(this.at())} · ${utc(this.at())}` : utc(this.at())));
}
