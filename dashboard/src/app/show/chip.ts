import { Component, input } from '@angular/core';

import { Icon, IconName } from './icon';

/** What a state means for who looks: nothing to do, under way, look at it, mend it, at rest. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'still';

/** A state as word, shape and colour, the same everywhere. */
@Component({
  selector: 'tw-chip',
  imports: [Icon],
  template: `<tw-icon [name]="icon() ?? tone()" /><ng-content />`,
  host: { '[class]': 'tone()' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: var(--space-1);
      padding: 0 var(--space-2) 0 var(--space-1);
      border-radius: 1em;
      font-size: var(--text-s);
      font-weight: 560;
      line-height: 1.6rem;
      white-space: nowrap;
    }
    :host(.good) {
      background: var(--good-soft);
      color: var(--good);
    }
    :host(.busy) {
      background: var(--busy-soft);
      color: var(--busy);
    }
    :host(.warn) {
      background: var(--warn-soft);
      color: var(--warn);
    }
    :host(.bad) {
      background: var(--bad-soft);
      color: var(--bad);
    }
    :host(.still) {
      background: var(--still-soft);
      color: var(--still);
    }
  `,
})
export class Chip {
  readonly tone = input.required<Tone>();
  readonly icon = input<IconName>();
}
