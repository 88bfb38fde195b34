import { Component, computed, input } from '@angular/core';

import { grouped } from '../show/numbers';

const WIDTH = 120;
const HEIGHT = 28;

/** A line of numbers over time, the highest at the top; what it shows is told in words too. */
@Component({
  selector: 'tw-sparkline',
  template: `
    <svg [attr.viewBox]="box" preserveAspectRatio="none" role="img" [attr.aria-label]="words()">
      <path class="area" [attr.d]="area()" />
      <path class="line" [attr.d]="line()" />
    </svg>
  `,
  styles: `
    :host {
      display: block;
    }
    svg {
      display: block;
      width: 100%;
      height: 1.75rem;
    }
    .line {
      fill: none;
      stroke: var(--accent);
      stroke-width: 1.5;
      vector-effect: non-scaling-stroke;
    }
    .area {
      fill: var(--accent);
      opacity: 0.14;
    }
  `,
})
export class Sparkline {
  readonly values = input.required<readonly number[]>();
  /** For how many there is room: fewer values stand at its end, and the time before is left empty. */
  readonly slots = input.required<number>();
  /** What the values are: "rows per second". */
  readonly of = input.required<string>();

  protected readonly box = `0 0 ${WIDTH} ${HEIGHT}`;
  private readonly top = computed(() => Math.max(...this.values(), 0));
  protected readonly words = computed(() => `${this.of()}, at most ${grouped(Math.round(this.top()))}`);
  private readonly begins = computed(() => this.slots() - this.values().length);
  protected readonly line = computed(() => path(this.values(), this.top(), (step) => this.across(step)));
  protected readonly area = computed(() =>
    this.line() ? `${this.line()}L${WIDTH} ${HEIGHT}L${this.across(0)} ${HEIGHT}Z` : '',
  );

  private across(step: number): string {
    return (((this.begins() + step) / Math.max(1, this.slots() - 1)) * WIDTH).toFixed(1);
  }
}

function path(values: readonly number[], top: number, across: (step: number) => string): string {
  const points = values.map((value, step) => {
    // A pixel is left at both ends for the line itself.
    const down = HEIGHT - 1 - (top ? (value / top) * (HEIGHT - 2) : 0);
    return `${across(step)} ${down.toFixed(1)}`;
  });
  return points.length ? `M${points.join('L')}` : '';
}
