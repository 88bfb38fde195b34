import { httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { RouterLink } from '@angular/router';

import { named } from '../files/name';
import { Chip, Tone } from '../show/chip';
import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { grouped } from '../show/numbers';
import { Time } from '../show/time';
import { reader } from '../wire/parts';
import { problem } from '../wire/problem';
import { History, Revision, Trade } from '../wire/trades';
import { steps, text } from './changes';
import { StatusChip } from './status-chip';

const TONES: Record<Revision['reason'], Tone> = {
  updated: 'busy',
  corrected: 'busy',
  cancelled: 'still',
  withdrawn: 'warn',
};

/** One trade: as it stands, the file and line that it came from, and the states that it had before. */
@Component({
  selector: 'tw-trade-page',
  imports: [Chip, Icon, Notice, RouterLink, StatusChip, Time],
  templateUrl: './trade-page.html',
  styleUrl: './trade-page.scss',
})
export class TradePage {
  readonly dataset = input<string>();
  readonly id = input<string>();
  readonly symbol = input<string>();
  readonly venue = input<string>();
  /** Its trade_date, or one that it had before a correction moved it. */
  readonly date = input<string>();

  protected readonly grouped = grouped;
  protected readonly named = named;
  protected readonly tones = TONES;

  protected readonly history = httpResource(
    () => {
      const [dataset, id] = [this.dataset(), this.id()];
      if (!dataset || !id) return undefined;
      const [symbol, venue, date] = [this.symbol(), this.venue(), this.date()];
      const which = { ...(symbol && { symbol }), ...(venue && { venue }), ...(date && { trade_date: date }) };
      return { url: '/api/v1/trades/history', params: { dataset, trade_id: id, ...which } };
    },
    { parse: reader(History) },
  );
  protected readonly problem = computed(() => {
    const error = this.history.error();
    if (error) return problem(error);
    if (this.dataset() && this.id()) return null;
    return { status: 0, detail: 'This address names no trade.', cure: 'Look for it among all trades.' };
  });
  protected readonly told = computed(() => (this.history.hasValue() ? this.history.value() : null));
  /** Several have this id, and the address does not tell which. */
  protected readonly several = computed(() => {
    const trades: readonly Trade[] = this.told()?.trades ?? [];
    return trades.length > 1 ? trades : null;
  });
  protected readonly now = computed(() => this.told()?.trades[0] ?? null);
  /** The latest state there is: as it stands, or as it stood last. */
  protected readonly latest = computed(() => this.now() ?? this.told()?.revisions[0] ?? null);
  protected readonly steps = computed(() => steps(this.now(), this.told()?.revisions ?? []));
  protected readonly first = computed(() => this.told()?.revisions.at(-1) ?? this.now());
  protected readonly attributes = computed(() =>
    Object.entries(this.latest()?.attributes ?? {}).map(([name, value]) => ({ name, value: text(value) })),
  );

  constructor() {
    const title = inject(Title);
    effect(() => {
      if (this.told()) title.setTitle(`Trade ${this.id() ?? ''} · Tradewind`);
    });
  }

  protected one({ trade_id: id, symbol, venue, trade_date: date }: Trade): Record<string, string> {
    return { dataset: this.dataset() ?? '', id, symbol, venue, date };
  }
}
