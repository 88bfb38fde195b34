import { httpResource } from '@angular/common/http';
import { Component, computed, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

import { ActionBar } from '../actions/action-bar';
import { ofFile } from '../actions/actions';
import { Notice } from '../show/notice';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { OneFile } from '../wire/files';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { BooksBar } from './books-bar';
import { marked } from './marked';
import { named } from './name';
import { SHOWN } from './states';
import { StateChip } from './state-chip';

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

  protected readonly one = httpResource(() => `/api/v1/files/${encodeURIComponent(this.id())}`, {
    parse: reader(OneFile),
  });
  protected readonly problem = computed(() => {
    const error = this.one.error();
    return error ? problem(error) : null;
  });
  protected readonly file = computed(() => (this.one.hasValue() ? this.one.value() : null));
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

  protected reload(): void {
    this.one.reload();
  }
}
