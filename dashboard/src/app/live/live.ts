import { Injectable, computed, inject, signal } from '@angular/core';
import * as v from 'valibot';

import { Session } from '../session/session';
import { Feed } from '../wire/feeds';
import { Batch, Beat, Changed, Refusal, Snapshot } from '../wire/live';
import { problem } from '../wire/problem';
import { Link } from './link';
import { Rates } from './rates';
import { LiveSocket, SOCKET } from './socket';

/** Milliseconds without a message after which a connection is dead: three beats. */
export const SILENCE = 15_000;
/** Milliseconds to another try where Socket.IO makes none by itself. */
export const PATIENCE = 5_000;
/** Of the latest merges. */
const KEPT = 20;

/**
 * All feeds' totals, as the server pushes them.
 *
 * Rows are replaced, never added up, so a message that is lost or comes twice makes no total wrong; a gap in the
 * numbers of the messages asks for a snapshot, and each connection begins with one.
 */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly make = inject(SOCKET);
  private readonly session = inject(Session);

  private readonly _rows = signal<ReadonlyMap<string, Feed>>(new Map());
  private readonly _batches = signal<readonly Batch[]>([]);
  private readonly _link = signal<Link>({ is: 'connecting' });
  private readonly _known = signal(false);

  /** By name, in the order of names. */
  readonly feeds = computed(() => [...this._rows().values()].sort((one, other) => (one.feed < other.feed ? -1 : 1)));
  /** Newest first. */
  readonly batches = this._batches.asReadonly();
  readonly link = this._link.asReadonly();
  /** Whether what is shown was true once, and may not be any more. */
  readonly away = computed(() => ['lost', 'behind'].includes(this._link().is));
  /** Whether a snapshot has come since the page was opened. */
  readonly known = this._known.asReadonly();
  readonly rates = new Rates();

  private socket: LiveSocket | null = null;
  private epoch = '';
  private seq = -1;
  private asked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** A feed's row: another object whenever something of it was told, and after each connection. */
  feed(name: string | undefined): Feed | undefined {
    return name === undefined ? undefined : this._rows().get(name);
  }

  open(): void {
    const socket = this.make();
    this.socket = socket;
    this._link.set({ is: 'connecting' });
    socket.on('connect', () => {
      this.asked = true;
      this.wait(SILENCE);
    });
    socket.on('snapshot', (told) => {
      this.hear(Snapshot, told, (message) => {
        this.begin(message);
      });
    });
    socket.on('feeds', (told) => {
      this.hear(Changed, told, (message) => {
        this.change(message);
      });
    });
    socket.on('beat', (told) => {
      this.hear(Beat, told, (message) => {
        this.beat(message);
      });
    });
    socket.on('disconnect', () => {
      this.lose();
    });
    socket.on('connect_error', (error) => {
      this.refuse(error);
    });
    socket.connect();
    this.wait(SILENCE);
  }

  /** Nothing of one viewer is left for the next. */
  close(): void {
    clearTimeout(this.timer);
    this.socket?.disconnect();
    this.socket = null;
    this._rows.set(new Map());
    this._batches.set([]);
    this._known.set(false);
  }

  private hear<S extends v.GenericSchema>(schema: S, told: unknown, then: (message: v.InferOutput<S>) => void): void {
    if (!this.socket) return;
    this.wait(SILENCE);
    const read = v.safeParse(schema, told);
    if (read.success) then(read.output);
    else this._link.set({ is: 'refused', problem: problem(new v.ValiError(read.issues)) });
  }

  private begin({ epoch, seq, feeds }: Snapshot): void {
    this.asked = false;
    this.follow(epoch, seq);
    this.rates.begin(feeds, Date.now());
    this._rows.set(new Map(feeds.map((feed) => [feed.feed, feed])));
    this._known.set(true);
    this._link.set({ is: 'live' });
  }

  private change({ epoch, seq, feeds, batches }: Changed): void {
    // What comes is newer than what is there even where something before it is missing.
    this.rates.heard(feeds, Date.now());
    this._rows.update((rows) => new Map([...rows, ...feeds.map((feed) => [feed.feed, feed] as const)]));
    this._batches.update((before) => [...batches.toReversed(), ...before].slice(0, KEPT));
    if (epoch !== this.epoch || seq !== this.seq + 1) this.ask();
    else this.follow(epoch, seq);
  }

  private beat({ epoch, seq, live }: Beat): void {
    if (!live) this._link.set({ is: 'behind' });
    else if (epoch !== this.epoch || seq !== this.seq) this.ask();
    // Out of `behind` leads a snapshot alone: what was committed meanwhile was not heard.
  }

  private follow(epoch: string, seq: number): void {
    this.epoch = epoch;
    this.seq = seq;
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    this.socket?.emit('snapshot');
  }

  private lose(): void {
    if (!this.socket) return;
    if (this._link().is !== 'lost') this._link.set({ is: 'lost', since: Date.now() });
    if (this.socket.active) this.wait(SILENCE);
    else this.wait(PATIENCE);
  }

  private refuse(error: unknown): void {
    if (!this.socket) return;
    const told = v.safeParse(Refusal, error);
    const data = told.success ? told.output.data : undefined;
    if (data?.status === 401) {
      this.session.lost();
    } else if (told.success && data) {
      const { status, cure } = data;
      this._link.set({ is: 'refused', problem: { status, detail: told.output.message, cure: cure ?? null } });
      this.wait(PATIENCE);
    } else {
      this.lose();
    }
  }

  /** Connect anew if nothing is heard for so long. */
  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const socket = this.socket;
      if (!socket) return;
      socket.disconnect();
      socket.connect();
      this.wait(SILENCE);
    }, milliseconds);
  }
}
