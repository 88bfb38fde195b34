import { Component, computed, input } from '@angular/core';

import { Icon } from '../show/icon';
import { Time } from '../show/time';
import { logLines } from './log-line';

/** The last lines of a process. */
@Component({
  selector: 'tw-log-lines',
  imports: [Icon, Time],
  template: `
    <ol>
      @for (line of lines(); track $index) {
        <li [class]="line.tone">
          @if (line.at; as at) {
            <tw-icon [name]="line.tone" />
            <p>
              <tw-time class="muted" [at]="at" /> <strong>{{ line.text }}</strong>
            </p>
            <p class="fields">{{ line.fields }}</p>
          } @else {
            <pre>{{ line.text }}</pre>
          }
        </li>
      }
    </ol>
  `,
  styles: `
    ol {
      display: grid;
      gap: var(--space-2);
      font-size: var(--text-s);
      list-style: none;
    }
    li {
      display: grid;
      grid-template-columns: auto minmax(0, 1fr);
      gap: 0 var(--space-2);
    }
    p {
      grid-column: 2;
      overflow-wrap: anywhere;
    }
    strong {
      margin-left: var(--space-2);
      font-weight: 560;
    }
    .fields {
      color: var(--ink-2);
      font-size: var(--text-xs);
    }
    pre {
      grid-column: 1 / -1;
      margin: 0;
      font-size: var(--text-xs);
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    .warn tw-icon {
      color: var(--warn);
    }
    .bad tw-icon {
      color: var(--bad);
    }
    .still tw-icon {
      color: var(--still);
    }
  `,
})
export class LogLines {
  readonly text = input.required<string>();
  protected readonly lines = computed(() => logLines(this.text()));
}
