import { Component, computed, input } from '@angular/core';

import { Tone } from './chip';
import { grouped, share } from './numbers';

/** One part of a whole. */
export interface Part {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
  readonly meaning: string;
}

/** What a whole is made of, as one bar and in numbers; parts of nothing are left out. */
@Component({
  selector: 'tw-parts-bar',
  template: `
    <div class="bar" aria-hidden="true">
      @for (part of shown(); track part.name) {
        <span [class]="part.tone" [style.flex-grow]="part.count" [title]="part.name"></span>
      }
    </div>
    <dl>
      @for (part of shown(); track part.name) {
        <div [title]="part.meaning">
          <dt><span [class]="'key ' + part.tone" aria-hidden="true"></span>{{ part.name }}</dt>
          <dd>
            {{ part.text }} <span class="muted">{{ part.share }}</span>
          </dd>
        </div>
      } @empty {
        <p class="muted">{{ none() }}</p>
      }
    </dl>
  `,
  styleUrl: './parts-bar.scss',
})
export class PartsBar {
  readonly parts = input.required<readonly Part[]>();
  readonly whole = input.required<number>();
  /** What is said where there is no part. */
  readonly none = input.required<string>();

  protected readonly shown = computed(() =>
    this.parts()
      .filter((part) => part.count > 0)
      .map((part) => ({ ...part, text: grouped(part.count), share: share(part.count, this.whole()) })),
  );
}
