import { Component, computed, inject } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

import { RunChip } from '../runs/run-chip';
import { Icon } from '../show/icon';
import { Desk } from './desk';

/** What became of the latest actions, on every page, with the way to their runs. */
@Component({
  selector: 'tw-results',
  imports: [Icon, MatIconButton, RouterLink, RunChip],
  template: `
    <div role="status" aria-label="Actions">
      <ul>
        @for (result of results(); track result.run) {
          <li class="panel">
            <p>
              <strong>{{ result.action.verb }} {{ result.action.of }}</strong>
              <tw-run-chip [state]="result.state" />
              <a [routerLink]="['/runs', result.run]">Run {{ result.run }}</a>
            </p>
            @if (result.why; as why) {
              <p class="why">{{ why }}</p>
            }
            <button
              matIconButton
              type="button"
              (click)="desk.dismiss(result.run)"
              [attr.aria-label]="'Dismiss: ' + result.action.verb + ' ' + result.action.of"
            >
              <tw-icon name="close" />
            </button>
          </li>
        }
      </ul>
    </div>
  `,
  styleUrl: './results.scss',
})
export class Results {
  protected readonly desk = inject(Desk);
  protected readonly results = computed(() =>
    this.desk.results().map((result) => ({
      ...result,
      why: result.problem
        ? `How it goes cannot be told: ${result.problem.detail}`
        : result.state === 'failed' || result.state === 'lost'
          ? (result.reason ?? 'Its run tells more.')
          : null,
    })),
  );
}
