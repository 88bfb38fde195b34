import { HttpClient } from '@angular/common/http';
import { Injectable, computed, inject, signal } from '@angular/core';
import { firstValueFrom, map } from 'rxjs';

import { reader } from '../wire/parts';
import { Somebody, Who } from '../wire/session';

const ADDRESS = '/api/v1/session';
const who = reader(Who);
const somebody = reader(Somebody);

/** Who is signed in. The cookie that stands for the token cannot be read by this page, so the server is asked. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly http = inject(HttpClient);
  private readonly _who = signal<Who | null>(null);
  private readonly _over = signal(false);
  private asked: Promise<Who | null> | null = null;

  readonly who = this._who.asReadonly();
  /** How a command line for this server begins: `tradewind`, with the configuration where that was named. */
  readonly command = computed(() => this._who()?.command ?? ['tradewind']);
  /** Whether it has ended while a page was open: by signing out, or because the server no longer knows it. */
  readonly over = this._over.asReadonly();

  /** Who it is, asked once; null for nobody. Fails where the server does not answer. */
  known(): Promise<Who | null> {
    this.asked ??= this.ask();
    return this.asked;
  }

  /** Raises what `problem` understands for a token that is not in use. */
  async signIn(token: string): Promise<void> {
    this.is(await firstValueFrom(this.http.post(ADDRESS, { token }).pipe(map(who))));
  }

  /** The same by the secret of a link that is good for one time. */
  async follow(secret: string): Promise<void> {
    this.is(await firstValueFrom(this.http.post(`${ADDRESS}/link`, { secret }).pipe(map(who))));
  }

  async signOut(): Promise<void> {
    await firstValueFrom(this.http.delete(ADDRESS));
    this.is(null);
  }

  /** The server no longer knows us. */
  lost(): void {
    this.is(null);
  }

  private async ask(): Promise<Who | null> {
    try {
      const { name, role, command } = await firstValueFrom(this.http.get(ADDRESS).pipe(map(somebody)));
      this._who.set(name !== null && role !== null ? { name, role, ...(command && { command }) } : null);
    } catch (error) {
      this.asked = null;
      throw error;
    }
    return this._who();
  }

  private is(who: Who | null): void {
    this._who.set(who);
    this._over.set(who === null);
    this.asked = Promise.resolve(who);
  }
}
