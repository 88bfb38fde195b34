import { DOCUMENT, Injectable, computed, inject, signal } from '@angular/core';

import { Themes } from '../shell/theme';

const NAMES = [
  'ink',
  'ink-2',
  'line',
  'page',
  'raised',
  'sunken',
  'accent',
  'good',
  'busy',
  'warn',
  'bad',
  'still',
] as const;
/** A colour of the page by its name. */
export type Ink = (typeof NAMES)[number];
/** What each is now, light or dark, as a canvas takes it. */
export type InkSet = Readonly<Record<Ink, string>>;

/** The page's colours for what is drawn on a canvas, which knows no CSS. */
@Injectable({ providedIn: 'root' })
export class Inks {
  private readonly document = inject(DOCUMENT);
  private readonly themes = inject(Themes);
  private readonly dark = signal(false);

  readonly now = computed<InkSet>(() => {
    this.themes.theme();
    this.dark();
    return this.read();
  });

  constructor() {
    // Tests have none.
    const view = this.document.defaultView as Partial<Window> | null;
    const system = view?.matchMedia?.('(prefers-color-scheme: dark)');
    system?.addEventListener('change', () => {
      this.dark.set(system.matches);
    });
  }

  /** A colour is known when something has it: `light-dark()` is no colour yet. */
  private read(): InkSet {
    const probe = this.document.createElement('span');
    this.document.body.append(probe);
    const of = (name: Ink): string => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const found = Object.fromEntries(NAMES.map((name) => [name, of(name)]));
    probe.remove();
    return found as Record<Ink, string>;
  }
}
