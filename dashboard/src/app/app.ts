import { Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';

import { Themes } from './shell/theme';

@Component({ selector: 'tw-root', imports: [RouterOutlet], template: '<router-outlet />' })
export class App {
  // Before the first page is drawn.
  protected readonly themes = inject(Themes);
}
