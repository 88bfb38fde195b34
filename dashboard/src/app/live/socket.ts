import { InjectionToken } from '@angular/core';
import { io } from 'socket.io-client';

/** As much of a Socket.IO connection as the live view needs. */
export interface LiveSocket {
  /** Whether it connects again by itself. */
  readonly active: boolean;
  on(event: string, heard: (told: unknown) => void): unknown;
  emit(event: string): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

/** Makes a connection to the page's own origin, not yet opened. The session's cookie says who asks. */
export const SOCKET = new InjectionToken<() => LiveSocket>('a connection to the live view', {
  providedIn: 'root',
  factory: () => () => io({ transports: ['websocket'], autoConnect: false, reconnectionDelayMax: 5000 }),
});
