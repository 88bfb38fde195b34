import { Component, computed, input } from '@angular/core';

import { Chip, Tone } from '../show/chip';
import { Status } from '../wire/trades';

const LOOKS: Record<Status, { readonly tone: Tone; readonly meaning: string }> = {
  new: { tone: 'good', meaning: 'As it was first told.' },
  corrected: { tone: 'busy', meaning: 'A correction has replaced an earlier state.' },
  cancelled: { tone: 'still', meaning: 'Taken back by the venue; it stays in the table.' },
};

/** A trade's status, with its meaning on hover. */
@Component({
  selector: 'tw-status-chip',
  imports: [Chip],
  template: `<tw-chip [tone]="look().tone" [title]="look().meaning">{{ status() }}</tw-chip>`,
  styles: `
    tw-chip {
      text-transform: capitalize;
    }
  `,
})
export class StatusChip {
  readonly status = input.required<Status>();
  protected readonly look = computed(() => LOOKS[this.status()]);
}
