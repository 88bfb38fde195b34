import { Component, DOCUMENT, inject, input, linkedSignal } from '@angular/core';
import { MatButton } from '@angular/material/button';

import { Icon } from './icon';

/** Puts a text into the clipboard. Browsers have none on addresses that are neither this machine nor behind TLS. */
@Component({
  selector: 'tw-copy',
  imports: [Icon, MatButton],
  template: `
    @if (clipboard) {
      <button
        matButton="outlined"
        type="button"
        [class.bare]="bare()"
        [attr.aria-label]="bare() ? label() : null"
        [title]="title()"
        (click)="copy()"
      >
        <tw-icon [name]="copied() ? 'done' : 'copy'" />
        @if (!bare()) {
          {{ copied() ? 'Copied' : label() }}
        }
      </button>
    } @else if (bare()) {
      <code>{{ text() }}</code>
    }
    <span class="unseen" role="status">{{ copied() ? 'Copied' : '' }}</span>
  `,
  styles: `
    :host {
      display: inline-flex;
      position: relative;
    }
    code {
      align-self: center;
      overflow-wrap: anywhere;
    }
    .bare {
      --mat-button-outlined-icon-offset: 0;
      min-width: 2.25rem;
      padding: 0;
    }
  `,
})
export class Copy {
  readonly text = input.required<string>();
  readonly label = input('Copy');
  /** As a picture alone: the text itself is not shown beside it. */
  readonly bare = input(false);

  protected readonly clipboard = (inject(DOCUMENT).defaultView?.navigator as Partial<Navigator> | undefined)?.clipboard;
  /** Of the text that is shown now. */
  protected readonly copied = linkedSignal({ source: this.text, computation: () => false });

  protected title(): string {
    return `${this.label()}: ${this.text()}`;
  }

  protected async copy(): Promise<void> {
    await this.clipboard?.writeText(this.text());
    this.copied.set(true);
  }
}
