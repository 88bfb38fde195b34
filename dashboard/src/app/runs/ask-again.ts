import { DOCUMENT, effect, inject, untracked } from '@angular/core';

import { Live } from '../live/live';
import { Clock } from '../show/clock';

/**
 * Asks anew every `pace` milliseconds (null: not at all), and at once after a lost connection: what a run does is not
 * told by the live view. Not while nobody looks, or nobody answers.
 */
export function askAgain(resource: { reload(): unknown }, pace: () => number | null): void {
  const clock = inject(Clock);
  const live = inject(Live);
  const document = inject(DOCUMENT);
  let asked = untracked(clock.now);
  let lost = false;
  effect(() => {
    const now = clock.now();
    const between = pace();
    const away = live.link().is === 'lost';
    lost ||= away;
    if (away || document.hidden || !(lost || (between !== null && now - asked >= between))) return;
    asked = now;
    lost = false;
    untracked(() => resource.reload());
  });
}
