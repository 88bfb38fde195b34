import { HttpClient } from '@angular/common/http';
import { computed, DestroyRef, effect, inject, signal, Signal, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { map, Subscription } from 'rxjs';

import { Live } from '../live/live';
import { Problem, problem } from '../wire/problem';
import { Kept } from './kept';

/** What is asked of the API: the address of a listing, and its filters. */
export interface Asked {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** All of it is one answer. */
  readonly whole?: boolean;
}

/** A page of rows, and the cursor of the next one. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** Rows of the first page, which is to be there at once, and of each that is scrolled to. */
const FIRST = '200';
const MORE = '500';

/**
 * A listing of the API, read page by page as far as somebody looks.
 *
 * What was read stays until the answer to another question is there, so that nothing jumps; and it is there again, at
 * the same place, for who goes back to it.
 */
export class Listing<T> {
  private readonly http = inject(HttpClient);
  private readonly kept = inject(Kept);
  private readonly router = inject(Router);
  private readonly live = inject(Live);

  private readonly _rows = signal<readonly T[]>([]);
  readonly rows = this._rows.asReadonly();
  /** The cursor of what comes after them; null at the end. */
  private readonly _next = signal<string | null>(null);
  /** Whether these are all. */
  readonly whole = computed(() => this._next() === null);
  /** Whether the first page of any question has come. */
  private readonly _known = signal(false);
  readonly known = this._known.asReadonly();
  private readonly _loading = signal(false);
  readonly loading = this._loading.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  readonly problem = this._problem.asReadonly();
  /** Whether what is shown answers another question than the one that is asked. */
  private readonly _turning = signal(false);
  readonly turning = this._turning.asReadonly();
  /** Counts the questions that were answered: the table begins at its top again. */
  private readonly _answer = signal(0);
  readonly answer = this._answer.asReadonly();
  /** What `mark` was when the first page came. */
  private readonly _marked = signal<string | null>(null);
  readonly marked = this._marked.asReadonly();

  /** Pixels that the table is scrolled down: it begins there, and says where it is left. */
  top = 0;
  private asked: Asked | null = null;
  private under: Subscription | undefined;

  /** `question` is null while nothing is to be asked; `mark` tells by what one sees that the answer is old. */
  constructor(
    private readonly question: Signal<Asked | null>,
    private readonly read: (raw: unknown) => Page<T>,
    private readonly mark: () => string = () => '',
  ) {
    effect(() => {
      const asked = this.question();
      untracked(() => {
        this.turn(asked);
      });
    });
    // What failed because nobody answered is asked again when the connection is back.
    effect(() => {
      if (this.live.link().is === 'live' && untracked(this._problem)?.status === 0)
        untracked(() => {
          this.again();
        });
    });
    inject(DestroyRef).onDestroy(() => {
      this.keep();
      this.under?.unsubscribe();
    });
  }

  /** The first page anew. */
  reload(): void {
    if (this.asked) this.get(null);
  }

  /** The next page; nothing where there is none, or one is under way. */
  more(): void {
    const next = this._next();
    if (next !== null && !this._loading() && !this._problem()) this.get(next);
  }

  /** Once more what did not work. */
  again(): void {
    const next = this._next();
    if (this._known() && next !== null && this.answered === this.asked) this.get(next);
    else this.reload();
  }

  /** It is looked at now: what happens from here on is news. */
  remark(): void {
    this._marked.set(this.mark());
  }

  /** The question whose rows these are. */
  private answered: Asked | null = null;

  private turn(asked: Asked | null): void {
    this.keep();
    this.asked = asked;
    this._turning.set(asked !== null);
    if (!asked) return;
    const before = this.goesBack() ? this.kept.of<T>(asked) : null;
    if (before) this.show(asked, before.rows, before.next, before.top, before.mark);
    else this.get(null);
  }

  private get(cursor: string | null): void {
    const asked = this.asked;
    if (!asked) return;
    this.under?.unsubscribe();
    this._loading.set(true);
    this._problem.set(null);
    const paged: Record<string, string> = cursor === null ? { limit: FIRST } : { limit: MORE, cursor };
    const params = asked.whole ? asked.params : { ...asked.params, ...paged };
    this.under = this.http
      .get(asked.url, { params })
      .pipe(map(this.read))
      .subscribe({
        next: (page) => {
          if (cursor === null) this.show(asked, page.rows, page.next, 0, this.mark());
          else this.append(page);
        },
        error: (error: unknown) => {
          this._loading.set(false);
          this._problem.set(problem(error));
        },
      });
  }

  private show(asked: Asked, rows: readonly T[], next: string | null, top: number, mark: string): void {
    this.under?.unsubscribe();
    this.answered = asked;
    this._turning.set(false);
    this.top = top;
    this._rows.set(rows);
    this._next.set(next);
    this._known.set(true);
    this._problem.set(null);
    this._loading.set(false);
    this._marked.set(mark);
    this._answer.update((answer) => answer + 1);
  }

  private append({ rows, next }: Page<T>): void {
    this._rows.update((before) => [...before, ...rows]);
    this._next.set(next);
    this._loading.set(false);
  }

  private keep(): void {
    if (!this.answered) return;
    const mark = this._marked() ?? '';
    this.kept.keep(this.answered, { rows: this._rows(), next: this._next(), top: this.top, mark });
  }

  private goesBack(): boolean {
    const navigation = this.router.currentNavigation() ?? this.router.lastSuccessfulNavigation();
    return navigation?.trigger === 'popstate';
  }
}
