import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { expect, vi } from 'vitest';

import { PATIENCE } from '../../patience';
import { FakeSocket } from '../live/fake-socket';
import { feed, snapshot } from '../live/feeds-told';
import { Live } from '../live/live';
import { SOCKET } from '../live/socket';
import { Session } from '../session/session';
import { Clock } from '../show/clock';
import { BackfillPage } from './backfill-page';
import { RunPage } from './run-page';
import { RunsPage } from './runs-page';

const AT = Date.parse('2026-01-05T10:01:00Z');

/** The pages of runs by their addresses, with a server and a time of the test's own. */
export class Driven {
  readonly socket = new FakeSocket();
  private readonly now = signal(AT);
  server!: HttpTestingController;
  harness!: RouterTestingHarness;

  async open(): Promise<void> {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter(
          [
            { path: 'runs', component: RunsPage },
            { path: 'runs/backfill', component: BackfillPage },
            { path: 'runs/:run', component: RunPage },
          ],
          withComponentInputBinding(),
        ),
        { provide: SOCKET, useValue: () => this.socket },
        { provide: Clock, useValue: { now: this.now } },
      ],
    });
    TestBed.inject(Live).open();
    this.socket.tell('snapshot', snapshot(0, [feed('spot'), feed('fx', { paused: true })]));
    this.server = TestBed.inject(HttpTestingController);
    this.harness = await RouterTestingHarness.create();
  }

  close(): void {
    TestBed.inject(Live).close();
  }

  get address(): string {
    return TestBed.inject(Router).url;
  }

  async signIn(role: string): Promise<void> {
    const known = TestBed.inject(Session).known();
    this.server.expectOne('/api/v1/session').flush({ name: 'desk', role });
    await known;
  }

  async asked(address: string, wanted = '/api/v1/runs'): Promise<TestRequest> {
    await this.harness.navigateByUrl(address);
    TestBed.tick();
    return this.server.expectOne((request) => request.url.startsWith(wanted));
  }

  async answered(request: TestRequest, body: object, status = 200): Promise<HTMLElement> {
    request.flush(body, { status, statusText: String(status) });
    // What a page asks for next waits for this answer.
    return vi.waitUntil(() => {
      this.harness.detectChanges();
      const page = this.harness.routeNativeElement;
      return page?.querySelector('[aria-label$="being asked for"]') ? null : page;
    }, PATIENCE);
  }

  async next(url: string): Promise<TestRequest> {
    return vi.waitUntil(() => {
      TestBed.tick();
      return this.server.match((one) => one.url === url)[0];
    }, PATIENCE);
  }

  later(milliseconds: number): void {
    this.now.update((before) => before + milliseconds);
    TestBed.tick();
  }

  async shows(where: string, what: string | RegExp): Promise<void> {
    await vi.waitFor(() => {
      this.harness.detectChanges();
      expect(this.text(where)).toMatch(what);
    }, PATIENCE);
  }

  text(where: string): string | undefined {
    return this.harness.routeNativeElement?.querySelector(where)?.textContent.replaceAll(/\s+/g, ' ').trim();
  }
}
