import { Component, computed, effect, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Title } from '@angular/platform-browser';
import { RouterLink } from '@angular/router';

import { ActionBar } from '../actions/action-bar';
import { ofFile } from '../actions/actions';
import { asked } from '../live/asked';
import { Notice } from '../show/notice';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { age } from '../show/times';
import { OneFile } from '../wire/files';
import { BooksBar } from './books-bar';
import { marked } from './marked';
import { named } from './name';
import { SHOWN } from './states';
import { StateChip } from './state-chip';

/** Milliseconds between two looks at it, however much its feed does. */
const PACE = 1000;

/** All that is known of one object version. */
@Component({
  selector: 'tw-file-page',
  imports: [ActionBar, BooksBar, MatButton, Notice, RouterLink, StateChip, Time],
  templateUrl: './file-page.html',
  styleUrl: './file-page.scss',
})
export class FilePage {
  /** Its number, from the address. */
  readonly id = input.required<string>();

  protected readonly bytes = bytes;
  protected readonly grouped = grouped;
  protected readonly shown = SHOWN;

  /** The live view tells of feeds alone: it may be this file that has changed. */
  private readonly one = asked(OneFile, () => ({ url: `/api/v1/files/${encodeURIComponent(this.id())}` }), {
    key: this.id,
    feed: (file) => file?.feed,
    pace: () => PACE,
  });
  protected readonly problem = this.one.problem;
  protected readonly file = this.one.value;
  protected readonly named = computed(() => named(this.file()?.uri ?? ''));
  /** Books are kept of what was merged alone; of a file set aside it is known only what was read. */
  protected readonly booked = computed(() => this.file()?.inserted !== null);
  protected readonly actions = computed(() => {
    const file = this.file();
    return file ? ofFile(file) : [];
  });
  protected readonly rejects = computed(() =>
    (this.file()?.rejects.rejects ?? []).map((reject) => ({ ...reject, marked: marked(reject.raw, reject.reason) })),
  );
  protected readonly days = computed(() => {
    const { min_date: first, max_date: last } = this.file() ?? { min_date: null, max_date: null };
    if (!first || !last) return null;
    return first === last ? first : `${first} to ${last}`;
  });

  /** Its states, each with the time since the one before. */
  protected readonly timeline = computed(() => {
    const steps = this.file()?.timeline ?? [];
    return steps.map((step, place) => ({ ...step, later: later(steps[place - 1]?.at, step.at) }));
  });

  constructor() {
    const title = inject(Title);
    effect(() => {
      if (this.file()) title.setTitle(`${this.named().name} · Tradewind`);
    });
  }

  protected reload(): void {
    this.one.reload();
  }
}

/** "after 0.4 s"; nothing for the first. */
function later(before: string | undefined, at: string): string {
  if (before === undefined) return '';
  const seconds = (Date.parse(at) - Date.parse(before)) / 1000;
  return `after ${seconds < 60 ? `${seconds.toFixed(1)} s` : age(seconds)}`;
}
