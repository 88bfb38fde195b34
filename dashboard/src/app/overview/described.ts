import { httpResource } from '@angular/common/http';
import { computed, linkedSignal, Signal } from '@angular/core';

import { askAgain } from '../runs/ask-again';
import { Described, Feeds } from '../wire/feeds';
import { reader } from '../wire/parts';

/** Milliseconds between two looks: that a process is gone is told by nobody. */
const PACE = 10_000;

/** What each feed is, by its name: null before the first answer. What was told stays while nobody answers. */
export function describedFeeds(): Signal<ReadonlyMap<string, Described> | null> {
  const feeds = httpResource(() => '/api/v1/feeds', { parse: reader(Feeds) });
  askAgain(feeds, () => PACE);
  return linkedSignal<readonly Described[] | null, ReadonlyMap<string, Described> | null>({
    source: () => (feeds.hasValue() ? feeds.value().feeds : null),
    computation: (told, before) => (told ? new Map(told.map((one) => [one.feed, one])) : (before?.value ?? null)),
  }).asReadonly();
}

/** Those whose stream is expected to run and does not. */
export function missingStreams(described: Signal<ReadonlyMap<string, Described> | null>): Signal<ReadonlySet<string>> {
  return computed(() => {
    const told = [...(described()?.values() ?? [])];
    return new Set(told.filter((one) => one.stream === 'missing').map((one) => one.feed));
  });
}
