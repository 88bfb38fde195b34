import { LiveSocket } from './socket';

/** A connection for tests: what the server says is said by `tell`, what the page asks is in `asked`. */
export class FakeSocket implements LiveSocket {
  active = true;
  connects = 0;
  disconnects = 0;
  readonly asked: string[] = [];
  private readonly heard = new Map<string, (told: unknown) => void>();

  on(event: string, heard: (told: unknown) => void): void {
    this.heard.set(event, heard);
  }
  emit(event: string): void {
    this.asked.push(event);
  }
  connect(): void {
    this.connects += 1;
  }
  disconnect(): void {
    this.disconnects += 1;
  }
  tell(event: string, told?: unknown): void {
    this.heard.get(event)?.(told);
  }
}
