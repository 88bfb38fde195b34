import { HttpClient } from '@angular/common/http';
import { computed, inject, Injectable, signal } from '@angular/core';
import { firstValueFrom, map } from 'rxjs';

import { Session } from '../session/session';
import { reader } from '../wire/parts';
import { Problem, problem } from '../wire/problem';
import { Accepted, OneRun, RunState, underWay } from '../wire/runs';
import { Action } from './actions';

/** An action that was taken on, and how its run stands. */
export interface Result {
  readonly action: Action;
  readonly run: number;
  readonly state: RunState;
  readonly reason: string | null;
  /** Why nothing more is known of it. */
  readonly problem: Problem | null;
}

/** Milliseconds between two looks at a run, first and at the longest; how long one that went well is shown. */
const BEAT = 500;
const SLOWEST = 5000;
const SHOWN = 12_000;
/** So many are shown. */
const KEPT = 3;
const accepted = reader(Accepted);
const run = reader(OneRun);

/** Where actions are handed in, and told of until they are done. */
@Injectable({ providedIn: 'root' })
export class Desk {
  private readonly http = inject(HttpClient);
  private readonly session = inject(Session);

  private readonly _results = signal<readonly Result[]>([]);
  /** The latest actions of this page, oldest first. */
  readonly results = this._results.asReadonly();
  /** Whether who is signed in may act. */
  readonly open = computed(() => this.session.who()?.role === 'operator');

  /** Hand it in; the number of its run. Raises what `problem` understands if it is not taken on. */
  async ask(action: Action): Promise<number> {
    const { run_id, state } = await firstValueFrom(this.http.post(action.address, action.body).pipe(map(accepted)));
    const result = { action, run: run_id, state, reason: null, problem: null };
    this._results.update((before) => [...before.filter((one) => one.run !== run_id), result].slice(-KEPT));
    return run_id;
  }

  /** Look at the run of an action until it has ended, or until nobody wants to know any more; its last state. */
  async ended(id: number): Promise<RunState | null> {
    try {
      for (let beat = BEAT; this.told(id); beat = Math.min(1.1 * beat, SLOWEST)) {
        const { state, reason } = await firstValueFrom(this.http.get(`/api/v1/runs/${id}`).pipe(map(run)));
        this.tell(id, { state, reason });
        if (!underWay({ state })) return this.close(id, state);
        await new Promise((wake) => setTimeout(wake, beat));
      }
    } catch (error) {
      this.tell(id, { problem: problem(error) });
    }
    return null;
  }

  /** Tell no more of it; its run goes on. */
  dismiss(id: number): void {
    this._results.update((results) => results.filter((one) => one.run !== id));
  }

  /** Nothing of one viewer is left for the next. */
  clear(): void {
    this._results.set([]);
  }

  private told(id: number): boolean {
    return this._results().some((one) => one.run === id);
  }

  private tell(id: number, now: Partial<Result>): void {
    this._results.update((results) => results.map((one) => (one.run === id ? { ...one, ...now } : one)));
  }

  /** What went well, or was stopped as somebody wished, need not be read away; what did not stays until it is. */
  private close(id: number, state: RunState): RunState {
    if (state === 'done' || state === 'stopped')
      setTimeout(() => {
        this.dismiss(id);
      }, SHOWN);
    return state;
  }
}
