import { Component, computed, inject, Injector, input, signal } from '@angular/core';
import { MatIconButton } from '@angular/material/button';

import { Icon } from '../show/icon';
import { pause, resume } from './actions';
import { Desk } from './desk';

/** Pauses or resumes a feed from its row; asked first, with the command to be copied. */
@Component({
  selector: 'tw-feed-switch',
  imports: [Icon, MatIconButton],
  template: `
    <button
      matIconButton
      type="button"
      disabledInteractive
      [disabled]="!desk.open() || busy()"
      [attr.aria-label]="name()"
      [title]="desk.open() ? name() : name() + ': it takes an operator’s token'"
      (click)="ask()"
    >
      <tw-icon [name]="feed().paused ? 'resume' : 'pause'" />
    </button>
  `,
})
export class FeedSwitch {
  protected readonly desk = inject(Desk);
  private readonly injector = inject(Injector);

  readonly feed = input.required<{ readonly feed: string; readonly paused: boolean }>();

  private readonly _busy = signal(false);
  protected readonly busy = this._busy.asReadonly();
  protected readonly name = computed(() => `${this.feed().paused ? 'Resume' : 'Pause'} ${this.feed().feed}`);

  /** The live view tells when it is done. */
  protected async ask(): Promise<void> {
    if (!this.desk.open() || this.busy()) return;
    const { feed, paused } = this.feed();
    this._busy.set(true);
    try {
      const { ConfirmDialog } = await import('./confirm-dialog');
      const action = paused ? { ...resume(feed), warning: 'What arrived meanwhile is loaded first.' } : pause(feed);
      const run = await ConfirmDialog.open(this.injector, action);
      if (run !== undefined) await this.desk.ended(run);
    } finally {
      this._busy.set(false);
    }
  }
}
