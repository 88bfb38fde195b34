import { Component, computed, input } from '@angular/core';

/** A part of a whole as a bar; null where the whole is not known. */
@Component({
  selector: 'tw-meter',
  template: `<div [style.width.%]="width()"></div>`,
  host: {
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    '[attr.aria-valuenow]': 'now()',
    '[attr.aria-label]': 'label()',
    '[class]': 'tone()',
    '[class.unknown]': 'part() === null',
  },
  styles: `
    :host {
      display: block;
      height: 0.5rem;
      overflow: hidden;
      border-radius: 0.25rem;
      background: var(--sunken);
      box-shadow: inset 0 0 0 1px var(--line);
    }
    div {
      height: 100%;
      border-radius: inherit;
      background: var(--busy);
      transition: width 0.4s;
    }
    :host(.good) div {
      background: var(--good);
    }
    :host(.bad) div {
      background: var(--bad);
    }
    :host(.warn) div {
      background: var(--warn);
    }
    :host(.still) div {
      background: var(--still);
    }
    // How much there is, is not known: nothing that could be taken for a part of it.
    :host(.unknown) div {
      width: 100% !important;
      opacity: 0.45;
      background: repeating-linear-gradient(-60deg, currentcolor 0 3px, transparent 3px 10px);
      background-size: 11.55px 100%;
      animation: wait 0.9s linear infinite;
      color: var(--busy);
    }
    @keyframes wait {
      to {
        background-position: 11.55px 0;
      }
    }
  `,
})
export class Meter {
  /** 0 to 1. */
  readonly part = input.required<number | null>();
  readonly label = input.required<string>();
  readonly tone = input<'busy' | 'good' | 'bad' | 'warn' | 'still'>('busy');

  protected readonly width = computed(() => (this.part() ?? 0) * 100);
  protected readonly now = computed(() => {
    const part = this.part();
    return part === null ? null : Math.floor(part * 100);
  });
}
