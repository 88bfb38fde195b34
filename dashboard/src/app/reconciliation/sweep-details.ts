import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { grouped } from '../show/numbers';
import { Told } from './told';
import { differing, FINDINGS, SAME } from './verdict';

type Query = Record<string, string | null>;

/** All that one sweep counted, and the ways to the files that it is about. */
@Component({
  selector: 'tw-sweep-details',
  imports: [RouterLink],
  templateUrl: './sweep-details.html',
  styleUrl: './sweep-details.scss',
})
export class SweepDetails {
  readonly told = input.required<Told>();

  protected readonly grouped = grouped;
  protected readonly sweep = computed(() => this.told().sweep);
  protected readonly agree = computed(() => !differing(this.sweep()));
  protected readonly findings = computed(() =>
    FINDINGS.map((one) => ({ ...one, count: this.sweep()[one.name] }))
      .filter(({ count }) => count > 0)
      .map((one) => ({ ...one, text: grouped(one.count), query: this.query(one.name) })),
  );
  protected readonly same = computed(() =>
    SAME.map((one) => ({ ...one, text: grouped(this.sweep()[one.name]) })).filter(
      ({ name }) => this.sweep()[name] > 0 || name === 'known',
    ),
  );

  /** Which files those are: what it journaled was seen by it, and before the feed's next sweep. */
  private query(name: (typeof FINDINGS)[number]['name']): Query {
    const { feed, started_at: from, why } = this.sweep();
    if (name === 'owed_too_long') return { feed, state: 'discovered' };
    if (name === 'vanished' || name === 'phantom') return { feed, state: 'vanished' };
    if (name === 'returned') return { feed };
    return { feed, seen_by: why === 'backfill' ? 'backfill' : 'sweep', from, to: this.told().until };
  }
}
