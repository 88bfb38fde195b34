import { InjectionToken } from '@angular/core';
import type { init } from 'echarts/core';

export interface Drawing {
  readonly init: typeof init;
}

/** Loads what draws. */
export const DRAWING = new InjectionToken<() => Promise<Drawing>>('what draws charts', {
  providedIn: 'root',
  factory: () => () => import('./echarts'),
});
