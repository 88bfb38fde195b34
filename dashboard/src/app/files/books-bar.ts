import { Component, computed, input } from '@angular/core';

import { Tone } from '../show/chip';
import { PartsBar } from '../show/parts-bar';
import { File, Outcome, OUTCOMES } from '../wire/files';

export const LOOKS: Record<Outcome, { readonly tone: Tone; readonly meaning: string }> = {
  inserted: { tone: 'good', meaning: 'new trades' },
  updated: { tone: 'busy', meaning: 'a newer state of a trade that was there' },
  unchanged: { tone: 'still', meaning: 'the state that is there already' },
  duplicate: { tone: 'still', meaning: 'the same row again in this merge' },
  stale: { tone: 'still', meaning: 'older than the state that is there' },
  pending: { tone: 'warn', meaning: 'corrections whose trade has not come yet' },
  rejected: { tone: 'bad', meaning: 'lines that are no trades' },
  ignored: { tone: 'still', meaning: 'declared to be no trades' },
};

/** A file's books: what became of each of its records, as one bar and in numbers. */
@Component({
  selector: 'tw-books-bar',
  imports: [PartsBar],
  template: `<tw-parts-bar [parts]="parts()" [whole]="file().records ?? 0" none="No record: the file holds none." />`,
})
export class BooksBar {
  readonly file = input.required<File>();

  protected readonly parts = computed(() =>
    OUTCOMES.map((name) => ({ name, count: this.file()[name] ?? 0, ...LOOKS[name] })),
  );
}
