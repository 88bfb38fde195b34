import { HttpClient } from '@angular/common/http';
import { Component, computed, DestroyRef, inject, input, output, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { firstValueFrom, map } from 'rxjs';

import { Session } from '../session/session';
import { commandLine } from '../show/command-line';
import { File, State } from '../wire/files';
import { reader } from '../wire/parts';
import { Problem, problem } from '../wire/problem';
import { Accepted, Run } from '../wire/runs';

/** Files that may be owed again. */
export const RETRYABLE: readonly State[] = ['quarantined', 'vanished', 'waiting'];
const UNDER_WAY = ['queued', 'running'];
/** Milliseconds between two looks at a run. */
const BEAT = 500;
const accepted = reader(Accepted);
const run = reader(Run);

/** Owe a file again, once the cause is mended: by a button for operators, or by the command line. */
@Component({
  selector: 'tw-retry',
  imports: [MatButton],
  template: `
    @if (operator()) {
      <button matButton="filled" type="button" [disabled]="busy()" (click)="retry()">
        {{ busy() ? 'Retrying …' : 'Retry' }}
      </button>
    } @else {
      <span class="muted">An operator may retry it:</span>
    }
    @if (clipboard) {
      <button matButton type="button" (click)="copy()">{{ copied() ? 'Copied' : 'Copy as command line' }}</button>
    }
    <code>{{ command() }}</code>
    <p role="alert">{{ trouble() }}</p>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--space-2) var(--space-3);
      font-size: var(--text-s);
    }
    code {
      overflow-wrap: anywhere;
    }
    p {
      flex-basis: 100%;
      color: var(--bad);
    }
    p:empty {
      display: none;
    }
  `,
})
export class Retry {
  private readonly http = inject(HttpClient);
  private readonly session = inject(Session);
  private gone = false;

  readonly file = input.required<File>();
  /** The run has ended: the file's state may be another. */
  readonly retried = output();

  private readonly _busy = signal(false);
  protected readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  protected readonly trouble = computed(() => {
    const { detail, cure } = this._problem() ?? { detail: '', cure: null };
    return cure ? `${detail} ${cure}` : detail;
  });
  private readonly _copied = signal(false);
  protected readonly copied = this._copied.asReadonly();
  protected readonly operator = computed(() => this.session.who()?.role === 'operator');
  protected readonly command = computed(() => {
    const { feed, state, uri } = this.file();
    return commandLine(['tradewind', 'files', 'retry', `--state=${state}`, '--', feed, uri]);
  });
  /** Browsers have none on addresses that are neither this machine nor behind TLS. */
  protected readonly clipboard = (navigator as Partial<Navigator>).clipboard;

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.gone = true;
    });
  }

  protected async copy(): Promise<void> {
    await this.clipboard?.writeText(this.command());
    this._copied.set(true);
  }

  protected async retry(): Promise<void> {
    this._busy.set(true);
    this._problem.set(null);
    try {
      const address = `/api/v1/files/${this.file().file_id}/retry`;
      const { run_id } = await firstValueFrom(this.http.post(address, {}).pipe(map(accepted)));
      this.tell(await this.outcome(run_id));
    } catch (error) {
      this._problem.set(problem(error));
    } finally {
      this._busy.set(false);
    }
  }

  private tell({ run_id, state, reason }: Run): void {
    if (this.gone) return;
    if (state === 'done') this.retried.emit();
    else this._problem.set({ status: 0, detail: `Run ${run_id}: ${reason ?? state}.`, cure: null });
  }

  private async outcome(id: number): Promise<Run> {
    for (;;) {
      const now = await firstValueFrom(this.http.get(`/api/v1/runs/${id}`).pipe(map(run)));
      if (this.gone || !UNDER_WAY.includes(now.state)) return now;
      await new Promise((wake) => setTimeout(wake, BEAT));
    }
  }
}
