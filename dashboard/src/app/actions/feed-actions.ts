import { Component, computed, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

import { Feed } from '../wire/feeds';
import { ActionBar } from './action-bar';
import { ofFeed } from './actions';

/** Pause or resume a feed, sweep it, load its history. */
@Component({
  selector: 'tw-feed-actions',
  imports: [ActionBar, MatButton, RouterLink],
  template: `
    <tw-action-bar [actions]="actions()" [label]="'Actions on ' + feed().feed" (settled)="settled.emit()">
      <a matButton="outlined" routerLink="/runs/backfill" [queryParams]="{ feed: feed().feed }">Backfill …</a>
    </tw-action-bar>
  `,
})
export class FeedActions {
  /** As the live view tells it. */
  readonly feed = input.required<Pick<Feed, 'feed' | 'paused' | 'quarantined'>>();
  /** A run of an action has ended: what is shown may be old. */
  readonly settled = output();

  protected readonly actions = computed(() => ofFeed(this.feed()));
}
