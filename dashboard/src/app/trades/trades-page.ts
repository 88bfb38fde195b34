import { httpResource } from '@angular/common/http';
import { Component, computed, DOCUMENT, effect, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';

import { Listing } from '../listing/listing';
import { LongTable } from '../listing/long-table';
import { RowOf } from '../listing/row-of';
import { Live } from '../live/live';
import { commandLine } from '../show/command-line';
import { Copy } from '../show/copy';
import { Notice } from '../show/notice';
import { Time } from '../show/time';
import { zone } from '../show/times';
import { Files } from '../wire/files';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { History, SIDES, STATUSES, Trade, Trades } from '../wire/trades';
import { asked, askedById, Filters, FILTERS, fromField, inField, MORE } from './filters';
import { StatusChip } from './status-chip';

const read = reader(Trades);
const readHistory = reader(History);

/** Trades of a dataset and its days, or of one id; which, stands in the page's address. */
@Component({
  selector: 'tw-trades-page',
  imports: [Copy, LongTable, MatButton, Notice, RouterLink, RowOf, StatusChip, Time],
  templateUrl: './trades-page.html',
  styleUrl: './trades-page.scss',
})
export class TradesPage {
  private readonly router = inject(Router);
  private readonly live = inject(Live);
  private readonly origin = inject(DOCUMENT).location.origin;

  readonly dataset = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly id = input<string>();
  readonly symbol = input<string>();
  readonly venue = input<string>();
  readonly side = input<string>();
  readonly status = input<string>();
  readonly since = input<string>();
  readonly until = input<string>();

  /** What is shown was true when the connection was lost. */
  protected readonly away = this.live.away;
  protected readonly inField = inField;
  protected readonly sides = SIDES;
  protected readonly statuses = STATUSES;
  protected readonly zone = zone();

  protected readonly filters = computed<Filters>(() =>
    Object.fromEntries(FILTERS.map((name) => [name, this[name]() ?? ''])),
  );
  /** How many of those that are folded away are set. */
  protected readonly folded = computed(() => MORE.filter((name) => this[name]()).length);
  protected readonly filtered = computed(() => this.folded() > 0 || Boolean(this.id() ?? this.symbol()));

  /** One that is asked for by the address is offered, whether it is known or not. */
  protected readonly datasets = computed(() => {
    const names = [...new Set(this.live.feeds().map((feed) => feed.dataset))].sort();
    const wanted = this.dataset();
    return !wanted || names.includes(wanted) ? names : [wanted, ...names];
  });

  private readonly question = computed(() => {
    const params = asked(this.filters());
    if (params) return { url: '/api/v1/trades', params };
    const byId = askedById(this.filters());
    return byId && { url: '/api/v1/trades/history', params: byId, whole: true };
  });
  protected readonly list = new Listing<Trade>(this.question, (raw) => {
    if (typeof raw === 'object' && raw && 'revisions' in raw) return { rows: readHistory(raw).trades, next: null };
    const { trades, next } = read(raw);
    return { rows: trades, next };
  });
  /** The same question's addresses of all rows at once; none of an id alone. */
  protected readonly downloads = computed(() => {
    const params = asked(this.filters());
    if (!params) return null;
    const query = new URLSearchParams(params).toString();
    return { csv: `/api/v1/trades.csv?${query}`, arrow: `/api/v1/trades.arrow?${query}` };
  });

  /** Where nothing is asked yet: the last day of the files that were loaded last. */
  private readonly begins = computed(
    () => {
      if (this.question()) return null;
      const dataset = this.dataset() ?? '';
      const feeds = this.live.feeds().filter((feed) => feed.files && (!dataset || feed.dataset === dataset));
      return [...feeds].sort((one, other) => ((one.last_load ?? '') < (other.last_load ?? '') ? 1 : -1))[0] ?? null;
    },
    // What is loaded meanwhile is no reason to ask again.
    { equal: (one, other) => one?.feed === other?.feed && one?.dataset === other?.dataset },
  );
  protected readonly newest = httpResource(
    () => {
      const feed = this.begins()?.feed;
      return feed ? { url: '/api/v1/files', params: { feed, state: 'loaded', limit: LATELY } } : undefined;
    },
    { parse: reader(Files) },
  );
  /** Files with a head alone have no day. */
  private readonly day = computed(() =>
    this.newest.hasValue() ? this.newest.value().files.find((file) => file.max_date)?.max_date : null,
  );
  protected readonly problem = computed(() => {
    const error = this.newest.error();
    return this.list.problem() ?? (error ? problem(error) : null);
  });
  /** There is nothing to begin with: no file was loaded, or none that had a trade. */
  protected readonly nothing = computed(() => {
    if (this.question() || !this.live.known()) return false;
    return !this.begins() || (this.newest.hasValue() && !this.day());
  });

  /** Trades are there, but not in the files that were looked at. */
  protected readonly elsewhere = computed(() => {
    const wanted = this.dataset();
    return this.live.feeds().some((feed) => feed.files && feed.inserted && (!wanted || feed.dataset === wanted));
  });

  constructor() {
    effect(() => {
      const day = this.day();
      const dataset = this.begins()?.dataset;
      if (day && dataset) void this.go({ dataset, from: day }, true);
    });
  }

  protected filter(name: keyof Filters, event: Event): void {
    const value = (event.target as HTMLInputElement | HTMLSelectElement).value.trim();
    if (name === 'since' || name === 'until') void this.go({ [name]: fromField(value) });
    else if (name === 'dataset') void this.go({ dataset: value, from: null, to: null });
    // An id is looked for on all days: the key begins with it.
    else if (name === 'id' && value) void this.go({ id: value, ...NO_DAY });
    else void this.go({ [name]: value || null });
  }

  protected curl(address: string): string {
    const line = commandLine(['curl', '-OJ', this.origin + address]);
    return line.replace('curl -OJ', 'curl -OJ -H "Authorization: Bearer $TOKEN"');
  }

  protected again(): void {
    if (this.list.problem()) this.list.again();
    else this.newest.reload();
  }

  /** What the address of one trade's page says. */
  protected one(trade: Trade): Record<string, string> {
    const { trade_id: id, symbol, venue, trade_date: date } = trade;
    return { dataset: this.dataset() ?? '', id, symbol, venue, date };
  }

  private go(queryParams: Record<string, string | null>, instead = false): Promise<boolean> {
    return this.router.navigate([], { queryParams, queryParamsHandling: 'merge', replaceUrl: instead });
  }
}

/** Files among which one has trades, most likely. */
const LATELY = '100';
const NO_DAY = { from: null, to: null, since: null, until: null, side: null, status: null };
