import { Component, computed, DestroyRef, inject, Injector, input, output, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';

import { Session } from '../session/session';
import { commandLine } from '../show/command-line';
import { Copy } from '../show/copy';
import { Problem, problem } from '../wire/problem';
import { Action } from './actions';
import { Desk } from './desk';

let bars = 0;

/** Buttons for actions, each with its command line; a viewer may copy that, and is told why no more. */
@Component({
  selector: 'tw-action-bar',
  imports: [Copy, MatButton],
  template: `
    <div class="bar" role="group" [attr.aria-label]="label()">
      @for (offer of offers(); track offer.action.verb) {
        <span class="one">
          <button
            matButton="outlined"
            type="button"
            disabledInteractive
            [disabled]="!desk.open() || busy()"
            [attr.aria-describedby]="desk.open() ? null : why"
            [title]="desk.open() ? '' : refusal()"
            (click)="start(offer.action)"
          >
            {{ offer.action.verb }}
          </button>
          <tw-copy [text]="offer.command" label="Copy as command line" [bare]="true" />
        </span>
      }
      <ng-content />
    </div>
    @if (!desk.open()) {
      <p class="muted" [id]="why">{{ refusal() }}</p>
    }
    <p class="trouble" role="alert">{{ trouble() }}</p>
  `,
  styleUrl: './action-bar.scss',
})
export class ActionBar {
  protected readonly desk = inject(Desk);
  private readonly session = inject(Session);
  private readonly injector = inject(Injector);
  private gone = false;
  protected readonly why = `why-not-${(bars += 1)}`;

  readonly actions = input.required<readonly Action[]>();
  readonly label = input('Actions');
  /** A run of an action has ended: what is shown may be old. */
  readonly settled = output();

  private readonly _busy = signal(false);
  protected readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  protected readonly trouble = computed(() => {
    const { detail, cure } = this._problem() ?? { detail: '', cure: null };
    return cure ? `${detail} ${cure}` : detail;
  });
  protected readonly offers = computed(() =>
    this.actions().map((action) => ({ action, command: commandLine([...this.session.command(), ...action.command]) })),
  );
  protected readonly refusal = computed(() =>
    this.session.who()
      ? 'You are a viewer: it takes an operator’s token to act here. The command line can be copied.'
      : 'Who is signed in is not known yet.',
  );

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.gone = true;
    });
  }

  protected async start(action: Action): Promise<void> {
    if (!this.desk.open() || this.busy()) return;
    this._busy.set(true);
    this._problem.set(null);
    try {
      const run = await this.asked(action);
      if (run !== undefined) await this.desk.ended(run);
      if (run !== undefined && !this.gone) this.settled.emit();
    } catch (error) {
      this._problem.set(problem(error));
    } finally {
      this._busy.set(false);
    }
  }

  /** The dialog comes when it is first wanted. */
  private async asked(action: Action): Promise<number | undefined> {
    if (action.warning === undefined) return this.desk.ask(action);
    const { ConfirmDialog } = await import('./confirm-dialog');
    return ConfirmDialog.open(this.injector, action);
  }
}
