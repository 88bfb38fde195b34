import { httpResource } from '@angular/common/http';
import { Component, computed, inject, input, linkedSignal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';

import { Live } from '../live/live';
import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { Files, STATES } from '../wire/files';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { asked, Filters, FILTERS } from './filters';
import { named } from './name';
import { StateChip } from './state-chip';

/** The ledger's files, a page at a time; which, stands in the page's address. */
@Component({
  selector: 'tw-files-page',
  imports: [Icon, MatButton, Notice, RouterLink, StateChip, Time],
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
  readonly cursor = input<string>();

  protected readonly bytes = bytes;
  protected readonly grouped = grouped;
  protected readonly named = named;
  protected readonly states = STATES;

  protected readonly filters = computed<Filters>(() =>
    Object.fromEntries(FILTERS.map((name) => [name, this[name]() ?? ''])),
  );
  protected readonly filtered = computed(() => FILTERS.some((name) => this[name]()));
  /** One that is asked for by the address is offered, whether it is known or not. */
  protected readonly feeds = computed(() => {
    const names = this.live.feeds().map((feed) => feed.feed);
    const wanted = this.feed();
    return !wanted || names.includes(wanted) ? names : [wanted, ...names];
  });

  protected readonly list = httpResource(
    () => ({ url: '/api/v1/files', params: asked(this.filters(), this.cursor()) }),
    { parse: reader(Files) },
  );
  protected readonly problem = computed(() => {
    const error = this.list.error();
    return error ? problem(error) : null;
  });
  /** The page before stays until the next one is there, so that nothing jumps. */
  protected readonly page = linkedSignal<Files | undefined, Files | undefined>({
    source: () => (this.list.hasValue() ? this.list.value() : undefined),
    computation: (now, before) => now ?? before?.value,
  });

  /** What the live view tells of these feeds' files. */
  private readonly told = computed(() =>
    this.live
      .feeds()
      .filter((feed) => !this.feed() || feed.feed === this.feed())
      .map((feed) => [feed.feed, feed.files, feed.owed, feed.quarantined, feed.vanished, feed.ignored].join())
      .join(';'),
  );
  private readonly shown = linkedSignal({
    source: () => ({ page: this.page(), known: this.live.known() }),
    computation: () => untracked(this.told),
  });
  /** Whether something has happened since the page was asked for. */
  protected readonly news = computed(() => this.told() !== this.shown());

  protected filter(name: keyof Filters, event: Event): void {
    const value = (event.target as HTMLInputElement | HTMLSelectElement).value.trim();
    void this.router.navigate([], {
      queryParams: { [name]: value || null, cursor: null },
      queryParamsHandling: 'merge',
    });
  }

  protected reload(): void {
    this.list.reload();
  }
}
