import { Component, computed, inject, input } from '@angular/core';

import { Session } from '../session/session';
import { commandLine } from './command-line';
import { Copy } from './copy';

/** A command of `tradewind`, as a shell takes it, to be copied. Lines end between words: no hyphen is torn from its option. */
@Component({
  selector: 'tw-command',
  imports: [Copy],
  template: `
    <code>
      @for (word of words(); track $index) {
        <span>{{ word }}</span>&ngsp;
      }
    </code>
    <tw-copy [text]="line()" label="Copy as command line" />
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-2);
      justify-items: start;
      padding: var(--space-3);
      border-radius: var(--radius);
      background: var(--sunken);
      font-size: var(--text-s);
    }
    span {
      display: inline-block;
      max-width: 100%;
      overflow-wrap: anywhere;
    }
  `,
})
export class Command {
  private readonly session = inject(Session);
  /** After `tradewind`. */
  readonly of = input.required<readonly string[]>();

  protected readonly words = computed(() =>
    [...this.session.command(), ...this.of()].map((word) => commandLine([word])),
  );
  protected readonly line = computed(() => this.words().join(' '));
}
