import { httpResource } from '@angular/common/http';
import { linkedSignal, Signal } from '@angular/core';

import { askAgain } from '../runs/ask-again';
import { Described, Feeds } from '../wire/feeds';
import { reader } from '../wire/parts';

/** Milliseconds between two looks: that a process is gone is told by nobody. */
const PACE = 10_000;

/** The feeds whose stream is expected to run and does not. */
export function missingStreams(): Signal<ReadonlySet<string>> {
  const feeds = httpResource(() => '/api/v1/feeds', { parse: reader(Feeds) });
  askAgain(feeds, () => PACE);
  return linkedSignal<readonly Described[] | null, ReadonlySet<string>>({
    source: () => (feeds.hasValue() ? feeds.value().feeds : null),
    // What was told stays while nobody answers.
    computation: (told, before) =>
      told
        ? new Set(told.filter((one) => one.stream === 'missing').map((one) => one.feed))
        : (before?.value ?? new Set()),
  }).asReadonly();
}
