import { Component, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';

import { Problem } from '../wire/problem';
import { Icon } from './icon';

/** What did not work, what to do, and another try. */
@Component({
  selector: 'tw-notice',
  imports: [Icon, MatButton],
  template: `
    <tw-icon name="bad" />
    <p>
      <strong>{{ problem().detail }}</strong> {{ problem().cure }}
    </p>
    <button matButton="outlined" type="button" (click)="again.emit()">Try again</button>
  `,
  host: { role: 'alert', class: 'panel' },
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--space-3);
      padding: var(--space-4);
    }
    p {
      flex: 1 1 15rem;
      overflow-wrap: anywhere;
    }
    tw-icon {
      color: var(--bad);
    }
  `,
})
export class Notice {
  readonly problem = input.required<Problem>();
  readonly again = output();
}
