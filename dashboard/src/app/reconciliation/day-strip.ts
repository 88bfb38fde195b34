import { Component, computed, input } from '@angular/core';

import { Calendar } from './gaps';

/** A feed's days as small blocks; what has no file is an empty one, what went wrong a notched one. */
@Component({
  selector: 'tw-day-strip',
  template: `
    <div role="img" [attr.aria-label]="words()">
      @for (cell of calendar().cells; track cell.day) {
        <span [class]="cell.tone" [title]="cell.hint"></span>
      }
    </div>
  `,
  styles: `
    div {
      display: grid;
      grid-template-columns: repeat(30, minmax(0, 1fr));
      gap: 2px;
      max-width: 40rem;
    }
    span {
      height: 1.25rem;
      border-radius: 2px;
    }
    .good {
      background: var(--good);
    }
    .busy {
      background: repeating-linear-gradient(-45deg, var(--busy) 0 3px, var(--busy-soft) 3px 5px);
    }
    .bad {
      background: linear-gradient(to top, var(--bad) 60%, var(--bad-soft) 60%);
    }
    .none {
      border: 2px solid var(--warn);
    }
    .rest {
      background: var(--sunken);
    }
  `,
})
export class DayStrip {
  readonly calendar = input.required<Calendar>();

  protected readonly words = computed(() => {
    const { cells, missing } = this.calendar();
    const bad = cells.filter(({ tone }) => tone === 'bad').length;
    const told = bad ? `, ${bad} with files set aside` : '';
    return `The ${cells.length} days up to ${cells.at(-1)?.day ?? ''}: ${missing.length} without files${told}`;
  });
}
