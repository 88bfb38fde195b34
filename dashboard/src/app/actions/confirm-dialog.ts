import { Component, computed, inject, Injector, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialog,
  MatDialogActions,
  MatDialogClose,
  MatDialogConfig,
  MatDialogContent,
  MatDialogRef,
  MatDialogTitle,
} from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';

import { Command } from '../show/command';
import { Problem, problem } from '../wire/problem';
import { Action } from './actions';
import { Desk } from './desk';

/** As the API takes a reason: no control characters, and so long at most. */
const LONGEST = 500;
const CONTROLS = /\p{Cc}/u;

/** Asks before something is stopped or given up, with the reason where one is wanted. */
@Component({
  selector: 'tw-confirm-dialog',
  imports: [Command, MatButton, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle],
  templateUrl: './confirm-dialog.html',
  styleUrl: './confirm-dialog.scss',
})
export class ConfirmDialog {
  private readonly desk = inject(Desk);
  private readonly dialog = inject<MatDialogRef<ConfirmDialog, number>>(MatDialogRef);
  protected readonly action = inject<Action>(MAT_DIALOG_DATA);
  protected readonly longest = LONGEST;

  private readonly _reason = signal('');
  private readonly _busy = signal(false);
  protected readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  protected readonly problem = this._problem.asReadonly();

  /** What will be done: with the reason, once one is told. */
  protected readonly meant = computed(() => {
    const reason = this._reason().trim();
    return reason && this.action.because ? this.action.because(reason) : this.action;
  });

  /** The number of the run, or undefined if nothing was done. */
  static open(injector: Injector, action: Action): Promise<number | undefined> {
    const config = Object.assign(new MatDialogConfig<Action>(), {
      data: action,
      role: action.because ? 'dialog' : 'alertdialog',
      width: '36rem',
      maxWidth: 'calc(100vw - 1.5rem)',
    });
    const asked = injector.get(MatDialog).open<ConfirmDialog, Action, number>(ConfirmDialog, config);
    return firstValueFrom(asked.afterClosed());
  }

  protected write(event: Event): void {
    this._reason.set((event.target as HTMLInputElement).value);
    this._problem.set(null);
  }

  protected async act(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy() || this.refused()) return;
    this._busy.set(true);
    this._problem.set(null);
    try {
      this.dialog.close(await this.desk.ask(this.meant()));
    } catch (error) {
      this._problem.set(problem(error));
    } finally {
      this._busy.set(false);
    }
  }

  private refused(): boolean {
    if (!this.action.because) return false;
    const reason = this._reason().trim();
    const detail = !reason ? 'Say why.' : CONTROLS.test(reason) ? 'Control characters are not allowed.' : null;
    if (detail) this._problem.set({ status: 0, detail, cure: null });
    return detail !== null;
  }
}
