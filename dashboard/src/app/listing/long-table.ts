import { BreakpointObserver } from '@angular/cdk/layout';
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from '@angular/cdk/scrolling';
import { DOCUMENT, NgTemplateOutlet } from '@angular/common';
import {
  afterEveryRender,
  Component,
  computed,
  contentChild,
  effect,
  ElementRef,
  inject,
  input,
  TemplateRef,
  untracked,
  viewChild,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { map } from 'rxjs';

import { Notice } from '../show/notice';
import { grouped } from '../show/numbers';
import { Listing } from './listing';
import { RowOf } from './row-of';

/** Widths below which rows are stacked, as in the styles. */
export const NARROW = '(max-width: 45rem)';
/** Rows before the end at which the next page is asked for. */
const AHEAD = 60;

/**
 * A table as long as its listing: only what is seen is in the page.
 *
 * Rows are all of one height (in rem), so that nothing jumps. The templates `#head` and `[twRowOf]` hold cells with their
 * roles; `--columns` of the element that holds the table says how wide each is. The arrow keys go from row to row.
 */
@Component({
  selector: 'tw-long-table',
  imports: [CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport, NgTemplateOutlet, Notice],
  templateUrl: './long-table.html',
  styleUrl: './long-table.scss',
})
export class LongTable<T> {
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  readonly listing = input.required<Listing<T>>();
  /** What it shows: "Files, newest first". */
  readonly label = input.required<string>();
  /** What one of many is called: "files". */
  readonly many = input.required<string>();
  readonly height = input(3.5);
  /** Where rows are stacked. */
  readonly stacked = input(5.5);

  protected readonly head = contentChild.required<TemplateRef<unknown>>('head');
  protected readonly row = contentChild.required<RowOf<T>, TemplateRef<{ $implicit: T }>>(RowOf, { read: TemplateRef });
  private readonly viewport = viewChild.required(CdkVirtualScrollViewport);

  private readonly rem = parseFloat(getComputedStyle(inject(DOCUMENT).documentElement).fontSize) || 16;
  private readonly narrow = toSignal(
    inject(BreakpointObserver)
      .observe(NARROW)
      .pipe(map(({ matches }) => matches)),
    { requireSync: true },
  );
  protected readonly size = computed(() => Math.round((this.narrow() ? this.stacked() : this.height()) * this.rem));
  protected readonly rows = computed(() => [...this.listing().rows()]);
  protected readonly told = computed(() => {
    const listing = this.listing();
    const count = grouped(this.rows().length);
    if (listing.whole()) return `${count} ${this.many()}`;
    return listing.loading() ? `${count} ${this.many()} read, reading on …` : `${count} ${this.many()} read so far`;
  });

  /** Pixels to scroll down to, once there is so much. */
  private begin: number | null = null;
  /** The row that is to have the focus, once it is there. */
  private wanted: number | null = null;

  constructor() {
    effect((onCleanup) => {
      const viewport = this.viewport();
      const scrolled = viewport.renderedRangeStream.subscribe(({ end }) => {
        this.look(end);
      });
      const where = viewport.elementScrolled().subscribe(() => {
        untracked(this.listing).top = viewport.measureScrollOffset();
      });
      onCleanup(() => {
        scrolled.unsubscribe();
        where.unsubscribe();
      });
    });
    effect(() => {
      this.listing().answer();
      this.begin = this.listing().top;
    });
    effect(() => {
      this.rows();
      this.look(untracked(this.viewport).getRenderedRange().end);
    });
    afterEveryRender({
      write: () => {
        if (this.begin !== null) this.scroll(this.begin);
        if (this.wanted !== null) this.take(this.wanted);
      },
    });
  }

  protected step(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = this.target(event.key, this.place(event.target));
    if (to === null) return;
    event.preventDefault();
    this.show(to);
    this.take(to);
  }

  private look(end: number): void {
    const listing = untracked(this.listing);
    if (end > untracked(listing.rows).length - AHEAD)
      untracked(() => {
        listing.more();
      });
  }

  /** Where a key leads from the row that has the focus; null where it means nothing here. */
  private target(key: string, from: number | null): number | null {
    const last = this.rows().length - 1;
    const first = Math.ceil(this.viewport().measureScrollOffset() / this.size());
    const page = Math.max(1, Math.floor(this.viewport().getViewportSize() / this.size()));
    const to = {
      ArrowDown: from === null ? first : from + 1,
      ArrowUp: from === null ? first : from - 1,
      PageDown: (from ?? first) + page,
      PageUp: (from ?? first) - page,
      Home: 0,
      End: last,
    }[key];
    return to === undefined || last < 0 ? null : Math.min(Math.max(to, 0), last);
  }

  private place(target: EventTarget | null): number | null {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
    return row ? Number(row.dataset['place']) : null;
  }

  /** Scrolls as little as shows the whole row. */
  private show(row: number): void {
    const viewport = this.viewport();
    const [from, height, size] = [viewport.measureScrollOffset(), viewport.getViewportSize(), this.size()];
    if (row * size < from) this.scroll(row * size);
    else if ((row + 1) * size > from + height) this.scroll((row + 1) * size - height);
  }

  private scroll(to: number): void {
    const viewport = this.viewport();
    const { nativeElement } = viewport.elementRef;
    const reach = Math.max(0, Math.min(to, this.rows().length * this.size() - viewport.getViewportSize()));
    nativeElement.scrollTop = reach;
    this.begin = nativeElement.scrollTop < Math.floor(reach) ? to : null;
  }

  private take(row: number): void {
    const link = this.element.nativeElement.querySelector<HTMLElement>(`[data-place="${row}"] a`);
    this.wanted = link ? null : row;
    link?.focus({ preventScroll: true });
  }
}
