import { Location } from '@angular/common';
import { Component, ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import { ActivatedRoute, Router } from '@angular/router';

import { Icon } from '../show/icon';
import { Problem, problem } from '../wire/problem';
import { Session } from './session';

@Component({
  selector: 'tw-sign-in-page',
  imports: [MatButton, Icon],
  templateUrl: './sign-in-page.html',
  styleUrl: './sign-in-page.scss',
})
export class SignInPage {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly location = inject(Location);
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');

  /** Where to go then, from the address. */
  readonly to = input<string>();

  private readonly _busy = signal(false);
  readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  readonly problem = this._problem.asReadonly();

  constructor() {
    // A link may also be opened while this page is: then the address alone changes.
    inject(ActivatedRoute)
      .fragment.pipe(takeUntilDestroyed())
      .subscribe((fragment) => {
        this.follow(new URLSearchParams(fragment ?? '').get('link'));
      });
  }

  /** Whoever comes by a link is signed in by it. It is taken out of the address, which may be shown to others. */
  private follow(secret: string | null): void {
    if (!secret) return;
    this.location.replaceState('/sign-in');
    void this.through(this.session.follow(secret), true);
  }

  signIn(event: Event): void {
    event.preventDefault();
    const token = this.field().nativeElement.value.trim();
    if (token && !this.busy()) void this.through(this.session.signIn(token));
  }

  private async through(door: Promise<void>, byLink = false): Promise<void> {
    this._busy.set(true);
    this._problem.set(null);
    try {
      await door;
      await this.enter();
    } catch (error) {
      // A link that is opened again in the same browser has nothing more to do.
      if (byLink && (await this.isKnown())) await this.enter();
      else this._problem.set(problem(error));
      this.field().nativeElement.select();
    } finally {
      this._busy.set(false);
    }
  }

  private async enter(): Promise<void> {
    await this.router.navigateByUrl(inside(this.to()), { replaceUrl: true });
  }

  private async isKnown(): Promise<boolean> {
    try {
      return (await this.session.known()) !== null;
    } catch {
      return false;
    }
  }
}

/** Only our own pages: an address from outside may name anything. */
function inside(to: string | undefined): string {
  return to?.startsWith('/') && !to.startsWith('//') ? to : '/';
}
