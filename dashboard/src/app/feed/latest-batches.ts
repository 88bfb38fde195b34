import { Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { askedOf } from '../live/asked';
import { lasting } from '../show/axes';
import { bytes, grouped } from '../show/numbers';
import { Time } from '../show/time';
import { RunBatch, RunBatches } from '../wire/runs';
import { Answer } from './answer';

const MANY = 12;

/** The latest merges of a feed, live. */
@Component({
  selector: 'tw-latest-batches',
  imports: [Answer, RouterLink, Time],
  templateUrl: './latest-batches.html',
  styleUrl: './latest-batches.scss',
})
export class LatestBatches {
  readonly feed = input.required<string>();

  protected readonly bytes = bytes;
  protected readonly grouped = grouped;

  protected readonly batches = askedOf(
    RunBatches,
    this.feed,
    () => ({ url: '/api/v1/batches', params: { feed: this.feed(), limit: MANY } }),
    () => 1000,
  );

  protected took({ started_at, committed_at }: RunBatch): string {
    return committed_at ? lasting((Date.parse(committed_at) - Date.parse(started_at)) / 1000) : 'not committed';
  }
}
