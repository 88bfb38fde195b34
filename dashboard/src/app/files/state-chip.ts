import { Component, computed, input } from '@angular/core';

import { Chip } from '../show/chip';
import { State } from '../wire/files';
import { SHOWN } from './states';

/** A file's state, with its meaning on hover. */
@Component({
  selector: 'tw-state-chip',
  imports: [Chip],
  template: `<tw-chip [tone]="shown().tone" [title]="shown().meaning">{{ state() }}</tw-chip>`,
  styles: `
    tw-chip {
      text-transform: capitalize;
    }
  `,
})
export class StateChip {
  readonly state = input.required<State>();
  protected readonly shown = computed(() => SHOWN[this.state()]);
}
