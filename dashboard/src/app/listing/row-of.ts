import { Directive, input } from '@angular/core';

import type { Listing } from './listing';

/** Says what a row of a long table is about: `<ng-template [twRowOf]="listing" let-file>`. */
@Directive({ selector: 'ng-template[twRowOf]' })
export class RowOf<T> {
  readonly twRowOf = input.required<Listing<T>>();

  static ngTemplateContextGuard<T>(row: RowOf<T>, context: unknown): context is { $implicit: T } {
    return row instanceof RowOf && typeof context === 'object';
  }
}
