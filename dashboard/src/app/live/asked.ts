import { httpResource, HttpResourceRequest } from '@angular/common/http';
import { computed, inject, linkedSignal, Signal } from '@angular/core';
import * as v from 'valibot';

import { reader } from '../wire/parts';
import { Problem, problem } from '../wire/problem';
import { askWhen } from './ask-when';
import { Live } from './live';

/** What an address answers, kept true. */
export interface Asked<T> {
  /** The last answer: it stays while the next one is asked for. Null before the first. */
  readonly value: Signal<T | null>;
  readonly problem: Signal<Problem | null>;
  readonly waiting: Signal<boolean>;
  reload(): void;
}

/** When to ask again, and whose answer it is. */
interface Following<T> {
  /** The last answer stays as long as this is the same. */
  readonly key: Signal<string>;
  /** The feed of which the live view has to tell. */
  readonly feed: (answer: T | null) => string | undefined;
  /** Milliseconds between two questions, however much is told. */
  readonly pace: () => number;
}
interface Kept<T> {
  readonly of: string;
  readonly answer: T | null;
}

/** Asks now, when the question is another one, and whenever the live view tells of the feed: after a reconnect too. */
export function asked<S extends v.GenericSchema>(
  schema: S,
  question: () => HttpResourceRequest | undefined,
  { key, feed, pace }: Following<v.InferOutput<S>>,
): Asked<v.InferOutput<S>> {
  type Answer = v.InferOutput<S>;
  const live = inject(Live);
  const resource = httpResource(question, { parse: reader(schema) });
  const kept = linkedSignal<Kept<Answer>, Kept<Answer>>({
    source: () => ({ of: key(), answer: resource.hasValue() ? resource.value() : null }),
    computation: (now, before) => (now.answer === null && before?.value.of === now.of ? before.value : now),
  });
  const value = computed(() => kept().answer);
  const reload = (): void => void resource.reload();
  askWhen(
    computed(() => live.feed(feed(value()))),
    reload,
    pace,
  );
  // While the connection is lost, that is told already, and all is asked for again when it is back.
  const failed = computed(() => {
    const error = resource.error();
    return error && (value() === null || live.link().is === 'live') ? problem(error) : null;
  });
  return { value, problem: failed, waiting: computed(() => value() === null && !resource.error()), reload };
}

/** The same of a feed by its name. */
export function askedOf<S extends v.GenericSchema>(
  schema: S,
  feed: Signal<string>,
  question: () => HttpResourceRequest | undefined,
  pace: () => number,
): Asked<v.InferOutput<S>> {
  return asked(schema, question, { key: feed, feed: () => feed(), pace });
}
