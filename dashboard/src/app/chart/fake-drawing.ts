import { Drawing } from './drawing';

/** What draws charts, for tests: it keeps what it was given. */
export class FakeDrawing {
  readonly options: Record<string, unknown>[] = [];

  readonly load = (): Promise<Drawing> =>
    Promise.resolve({
      init: () => ({
        setOption: (option: Record<string, unknown>) => this.options.push(option),
        isDisposed: () => true,
        resize: () => undefined,
      }),
    } as unknown as Drawing);
}

/** A browser has one; `fire` tells a width. */
export class FakeResizeObserver {
  static width = 1200;
  constructor(private readonly heard: (entries: readonly { contentRect: { width: number } }[]) => void) {}
  observe(): void {
    this.heard([{ contentRect: { width: FakeResizeObserver.width } }]);
  }
  unobserve(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}
