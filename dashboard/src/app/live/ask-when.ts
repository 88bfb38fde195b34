import { DestroyRef, Signal, effect, inject } from '@angular/core';

/**
 * Asks anew when what the live view tells has changed, at most once in `pace` milliseconds; the last change is never
 * missed. What was not known before is no change: it has been asked for already.
 */
export function askWhen(told: Signal<unknown>, ask: () => void, pace: () => number): void {
  let before: unknown;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = told();
    const news = before !== undefined && now !== undefined && now !== before;
    before = now ?? before;
    if (!news || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        asked = Date.now();
        ask();
      },
      Math.max(0, asked + pace() - Date.now()),
    );
  });
  inject(DestroyRef).onDestroy(() => {
    clearTimeout(timer);
  });
}
