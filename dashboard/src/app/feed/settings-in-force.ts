import { Component, computed, input } from '@angular/core';

import { Asked } from '../live/asked';
import { InForce } from '../wire/feed-facts';
import { Answer } from './answer';

/** What a feed is loaded by, and which of it was set by hand. */
@Component({
  selector: 'tw-settings-in-force',
  imports: [Answer],
  templateUrl: './settings-in-force.html',
  styleUrl: './settings-in-force.scss',
})
export class SettingsInForce {
  readonly asked = input.required<Asked<InForce>>();

  protected readonly settings = computed(() => this.asked().value()?.settings ?? null);
  /** The ledger may know a feed that the file no longer has. */
  readonly gone = input(false);
}
