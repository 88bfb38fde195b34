import { Component, computed, effect, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';

import { Listing } from '../listing/listing';
import { LongTable } from '../listing/long-table';
import { RowOf } from '../listing/row-of';
import { Live } from '../live/live';
import { Notice } from '../show/notice';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { File, Files, SEEN_BY, STATES } from '../wire/files';
import { reader } from '../wire/parts';
import { asked, Filters, FILTERS, moment } from './filters';
import { named } from './name';
import { StateChip } from './state-chip';

const read = reader(Files);

/** The ledger's files, as far as one scrolls; which, stands in the page's address. */
@Component({
  selector: 'tw-files-page',
  imports: [LongTable, MatButton, Notice, RouterLink, RowOf, StateChip, Time],
  templateUrl: './files-page.html',
  styleUrl: './files-page.scss',
})
export class FilesPage {
  private readonly router = inject(Router);
  private readonly live = inject(Live);

  readonly feed = input<string>();
  readonly state = input<string>();
  readonly prefix = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly seen_by = input<string>();

  protected readonly bytes = bytes;
  /** What is shown was true when the connection was lost. */
  protected readonly away = this.live.away;
  protected readonly grouped = grouped;
  protected readonly named = named;
  protected readonly states = STATES;
  protected readonly seers = SEEN_BY;

  protected readonly filters = computed<Filters>(() =>
    Object.fromEntries(FILTERS.map((name) => [name, this[name]() ?? ''])),
  );
  protected readonly filtered = computed(() => FILTERS.some((name) => this[name]()));
  /** The moments of the address, where it tells more than days. */
  protected readonly window = computed(() => ({ from: moment(this.from()), to: moment(this.to()) }));
  /** One that is asked for by the address is offered, whether it is known or not. */
  protected readonly feeds = computed(() => {
    const names = this.live.feeds().map((feed) => feed.feed);
    const wanted = this.feed();
    return !wanted || names.includes(wanted) ? names : [wanted, ...names];
  });

  /** What the live view tells of these feeds' files. */
  private readonly told = computed(() =>
    this.live
      .feeds()
      .filter((feed) => !this.feed() || feed.feed === this.feed())
      .map((feed) => [feed.feed, feed.files, feed.owed, feed.quarantined, feed.vanished, feed.ignored].join())
      .join(';'),
  );
  protected readonly list = new Listing<File>(
    computed(() => ({ url: '/api/v1/files', params: asked(this.filters()) })),
    (raw) => {
      const { files, next } = read(raw);
      return { rows: files, next };
    },
    () => this.told(),
  );
  /** Whether something has happened since the list was asked for. */
  protected readonly news = computed(() => this.list.known() && this.told() !== this.list.marked());

  constructor() {
    // Before the first snapshot nothing is known that could be old.
    effect(() => {
      if (this.live.known() && this.list.known() && this.list.marked() === '') this.list.remark();
    });
  }

  protected filter(name: keyof Filters, event: Event): void {
    const value = (event.target as HTMLInputElement | HTMLSelectElement).value.trim();
    void this.router.navigate([], { queryParams: { [name]: value || null }, queryParamsHandling: 'merge' });
  }

  protected reload(): void {
    this.list.reload();
  }
}
