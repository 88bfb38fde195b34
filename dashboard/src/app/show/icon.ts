import { Component, computed, input } from '@angular/core';

/** Outlines on a field of 20; each state has a shape of its own, so that colour is never alone. */
const SHAPES = {
  wind: 'M2.5 7.5h9a2.5 2.5 0 1 0-2.5-2.5M2.5 10.5h12.5a2.5 2.5 0 1 1-2.5 2.5M2.5 13.5h5a2 2 0 1 1-2 2',
  good: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M6.5 10.2l2.4 2.4 4.6-5',
  busy: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M10 6v4.2l2.8 1.8',
  warn: 'M10 3 18 16.5H2zM10 8.2v3.8M10 14.2v.1',
  bad: 'M6.9 2.5h6.2l4.4 4.4v6.2l-4.4 4.4H6.9l-4.4-4.4V6.9zM7.4 7.4l5.2 5.2M12.6 7.4l-5.2 5.2',
  still: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M6.5 10h7',
  paused: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M8 7.3v5.4M12 7.3v5.4',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  moon: 'M16.5 11.8A7 7 0 1 1 8.2 3.5a5.6 5.6 0 0 0 8.3 8.3z',
  system: 'M2.5 4h15v10h-15zM7 17h6M10 14v3',
  leave: 'M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8',
  next: 'M7.5 4.5 13 10l-5.5 5.5',
  pause: 'M7 4.5v11M13 4.5v11',
  resume: 'M6.5 4v12l9-6z',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4',
  done: 'M4 10.5l4 4 8-9',
} as const;
export type IconName = keyof typeof SHAPES;

/** Says nothing to who listens: a word stands beside it. */
@Component({
  selector: 'tw-icon',
  template: `<svg viewBox="0 0 20 20" aria-hidden="true"><path [attr.d]="shape()" /></svg>`,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
      vertical-align: middle;
    }
    svg {
      width: 1.25em;
      height: 1.25em;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.6;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly shape = computed(() => SHAPES[this.name()]);
}
