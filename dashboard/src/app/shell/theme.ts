import { DOCUMENT, Injectable, effect, inject, signal } from '@angular/core';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEPT_AS = 'tradewind.theme';

/** Light or dark: as the system has it, or as chosen in this browser. */
@Injectable({ providedIn: 'root' })
export class Themes {
  private readonly document = inject(DOCUMENT);
  private readonly _theme = signal<Theme>(chosen(this.document.defaultView?.localStorage.getItem(KEPT_AS)));
  readonly theme = this._theme.asReadonly();

  constructor() {
    effect(() => {
      this.show(this._theme());
    });
  }

  next(): void {
    this._theme.update((theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system');
    this.document.defaultView?.localStorage.setItem(KEPT_AS, this._theme());
  }

  private show(theme: Theme): void {
    const root = this.document.documentElement;
    if (theme === 'system') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
  }
}

function chosen(kept: string | null | undefined): Theme {
  return THEMES.find((theme) => theme === kept) ?? 'system';
}
