import { Component, input } from '@angular/core';

import { Asked } from '../live/asked';
import { Notice } from '../show/notice';

/** Stands above what was asked for: that it is being asked for, or why it is not there. */
@Component({
  selector: 'tw-answer',
  imports: [Notice],
  template: `
    @if (asked().problem(); as problem) {
      <tw-notice [problem]="problem" (again)="asked().reload()" />
    } @else if (asked().waiting()) {
      <div class="waiting" role="status" aria-label="Being asked for"></div>
    }
  `,
  styles: `
    .waiting {
      height: var(--answer-height, 6rem);
      margin: 0;
    }
    :host:empty {
      display: none;
    }
  `,
})
export class Answer {
  readonly asked = input.required<Pick<Asked<unknown>, 'problem' | 'waiting' | 'reload'>>();
}
