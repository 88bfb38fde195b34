import { DestroyRef, ElementRef, Signal, inject, signal } from '@angular/core';

/** How broad the component is, in pixels; 0 before it is drawn. */
export function hostWidth(): Signal<number> {
  const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  const width = signal(0);
  const observer = new ResizeObserver(([entry]) => {
    if (entry) width.set(Math.floor(entry.contentRect.width));
  });
  observer.observe(host);
  inject(DestroyRef).onDestroy(() => {
    observer.disconnect();
  });
  return width.asReadonly();
}
