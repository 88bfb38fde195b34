import { Injectable } from '@angular/core';

import type { Asked } from './listing';

interface What<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
  readonly top: number;
  readonly mark: string;
}
const AT_MOST = 4;

/** The last few listings that were left, as they were: who goes back finds the place again. */
@Injectable({ providedIn: 'root' })
export class Kept {
  private readonly listings = new Map<string, What<unknown>>();

  keep(asked: Asked, what: What<unknown>): void {
    const name = JSON.stringify(asked);
    this.listings.delete(name);
    this.listings.set(name, what);
    for (const old of this.listings.keys()) if (this.listings.size > AT_MOST) this.listings.delete(old);
  }

  of<T>(asked: Asked): What<T> | null {
    return (this.listings.get(JSON.stringify(asked)) as What<T> | undefined) ?? null;
  }

  /** Nothing of one viewer is left for the next. */
  clear(): void {
    this.listings.clear();
  }
}
