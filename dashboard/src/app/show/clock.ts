import { DestroyRef, Injectable, inject, signal } from '@angular/core';

/** The time, in milliseconds since 1970, once a second: ages are counted by it. */
@Injectable({ providedIn: 'root' })
export class Clock {
  private readonly _now = signal(Date.now());
  readonly now = this._now.asReadonly();

  constructor() {
    const timer = setInterval(() => {
      this._now.set(Date.now());
    }, 1000);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(timer);
    });
  }
}
