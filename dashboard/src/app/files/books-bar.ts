import { Component, computed, input } from '@angular/core';

import { Tone } from '../show/chip';
import { grouped, share } from '../show/numbers';
import { File, Outcome, OUTCOMES } from '../wire/files';

const LOOKS: Record<Outcome, { readonly tone: Tone; readonly meaning: string }> = {
  inserted: { tone: 'good', meaning: 'new trades' },
  updated: { tone: 'busy', meaning: 'a newer state of a trade that was there' },
  unchanged: { tone: 'still', meaning: 'the state that is there already' },
  duplicate: { tone: 'still', meaning: 'the same row again in this merge' },
  stale: { tone: 'still', meaning: 'older than the state that is there' },
  pending: { tone: 'warn', meaning: 'corrections whose trade has not come yet' },
  rejected: { tone: 'bad', meaning: 'no trades: see below' },
  ignored: { tone: 'still', meaning: 'declared to be no trades' },
};

/** A file's books: what became of each of its records, as one bar and in numbers. */
@Component({
  selector: 'tw-books-bar',
  template: `
    <div class="bar" aria-hidden="true">
      @for (part of parts(); track part.name) {
        <span [class]="part.tone" [style.flex-grow]="part.count" [title]="part.name"></span>
      }
    </div>
    <dl>
      @for (part of parts(); track part.name) {
        <div [title]="part.meaning">
          <dt><span [class]="'key ' + part.tone" aria-hidden="true"></span>{{ part.name }}</dt>
          <dd>
            {{ part.text }} <span class="muted">{{ part.share }}</span>
          </dd>
        </div>
      } @empty {
        <p class="muted">No record: the file holds none.</p>
      }
    </dl>
  `,
  styleUrl: './books-bar.scss',
})
export class BooksBar {
  readonly file = input.required<File>();

  protected readonly parts = computed(() => {
    const file = this.file();
    return OUTCOMES.map((name) => ({ name, count: file[name] ?? 0, ...LOOKS[name] }))
      .filter((part) => part.count > 0)
      .map((part) => ({ ...part, text: grouped(part.count), share: share(part.count, file.records ?? 0) }));
  });
}
