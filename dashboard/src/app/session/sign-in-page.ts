import { Component, ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router } from '@angular/router';

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
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');

  /** Where to go then, from the address. */
  readonly to = input<string>();

  private readonly _busy = signal(false);
  readonly busy = this._busy.asReadonly();
  private readonly _problem = signal<Problem | null>(null);
  readonly problem = this._problem.asReadonly();

  async signIn(event: Event): Promise<void> {
    event.preventDefault();
    const token = this.field().nativeElement.value.trim();
    if (!token || this.busy()) return;
    this._busy.set(true);
    this._problem.set(null);
    try {
      await this.session.signIn(token);
      await this.router.navigateByUrl(inside(this.to()));
    } catch (error) {
      this._problem.set(problem(error));
      this.field().nativeElement.select();
    } finally {
      this._busy.set(false);
    }
  }
}

/** Only our own pages: an address from outside may name anything. */
function inside(to: string | undefined): string {
  return to?.startsWith('/') && !to.startsWith('//') ? to : '/';
}
