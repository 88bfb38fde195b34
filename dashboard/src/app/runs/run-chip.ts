import { Component, computed, input } from '@angular/core';

import { Chip } from '../show/chip';
import { RunState } from '../wire/runs';
import { SHOWN } from './states';

/** A run's state, with its meaning on hover. */
@Component({
  selector: 'tw-run-chip',
  imports: [Chip],
  template: `<tw-chip [tone]="shown().tone" [title]="shown().meaning">{{ state() }}</tw-chip>`,
  styles: `
    tw-chip {
      text-transform: capitalize;
    }
  `,
})
export class RunChip {
  readonly state = input.required<RunState>();
  protected readonly shown = computed(() => SHOWN[this.state()]);
}
