import { Component, DestroyRef, ElementRef, computed, effect, inject, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatIconButton } from '@angular/material/button';
import { NavigationEnd, NavigationError, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

import { Desk } from '../actions/desk';
import { Results } from '../actions/results';
import { Kept } from '../listing/kept';
import { Live } from '../live/live';
import { LinkBadge } from '../live/link-badge';
import { Session } from '../session/session';
import { Icon } from '../show/icon';
import { Notice } from '../show/notice';
import { Problem, problem } from '../wire/problem';
import { Themes } from './theme';

/** What stands around every page: where one can go, who is signed in, whether the numbers are live. */
@Component({
  selector: 'tw-shell',
  imports: [Icon, LinkBadge, MatIconButton, Notice, Results, RouterLink, RouterLinkActive, RouterOutlet],
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
})
export class Shell {
  private readonly live = inject(Live);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly themes = inject(Themes);

  private readonly content = viewChild.required<ElementRef<HTMLElement>>('content');
  private path = '';

  protected readonly who = this.session.who;
  private readonly _problem = signal<Problem | null>(null);
  protected readonly problem = this._problem.asReadonly();
  protected readonly themeIcon = computed(() => {
    const theme = this.themes.theme();
    return theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon';
  });
  protected readonly themeHint = computed(() => `Colours: ${this.themes.theme()}. Change.`);

  constructor() {
    const kept = inject(Kept);
    const desk = inject(Desk);
    this.live.open();
    inject(DestroyRef).onDestroy(() => {
      this.live.close();
      kept.clear();
      desk.clear();
    });
    this.router.events.pipe(takeUntilDestroyed()).subscribe((event) => {
      if (event instanceof NavigationError) this.tell(event);
      else if (event instanceof NavigationEnd) this.arrive(event.urlAfterRedirects.replace(/[?#].*/, ''));
    });
    effect(() => {
      if (this.session.over()) void this.router.navigate(['/sign-in'], { queryParams: { to: this.router.url } });
    });
  }

  /** On another page one begins at its content, not where the link stood that led there. */
  private arrive(path: string): void {
    this._problem.set(null);
    if (this.path && this.path !== path) this.content().nativeElement.focus({ preventScroll: true });
    this.path = path;
  }

  /** A page whose code could not be fetched: the server is away, or was replaced by a newer one. */
  private tell(event: NavigationError): void {
    const cure = 'Is tradewind serve running? If it is, reload this page: it may be older than the server.';
    this._problem.set({ status: 0, detail: 'The page cannot be opened.', cure });
    this.again = () => this.router.navigateByUrl(event.url);
  }

  protected nextTheme(): void {
    this.themes.next();
  }

  protected again: () => Promise<unknown> = () => this.signOut();

  protected async signOut(): Promise<void> {
    this.again = () => this.signOut();
    try {
      await this.session.signOut();
    } catch (error) {
      this._problem.set(problem(error));
    }
  }
}
