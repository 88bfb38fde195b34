import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { sessionEnds, signedIn } from './doors';
import { Session } from './session';

@Component({ template: '' })
class Room {}

describe('doors', () => {
  let server: HttpTestingController;
  let router: Router;

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([sessionEnds])),
        provideHttpClientTesting(),
        provideRouter([
          { path: 'sign-in', component: Room },
          { path: '**', component: Room, canActivate: [signedIn] },
        ]),
      ],
    });
    server = TestBed.inject(HttpTestingController);
    router = TestBed.inject(Router);
  });

  /** Where one gets who wants to go there, once the server has answered who it is. */
  async function led(to: string, answer: (request: TestRequest) => void): Promise<string> {
    const going = router.navigateByUrl(to);
    answer(await vi.waitUntil(() => server.match('/api/v1/session')[0]));
    await going;
    return router.url;
  }

  it('are open to who is signed in, who is asked for once', async () => {
    const operator = { name: 'desk', role: 'operator' };
    expect(
      await led('/files', (request) => {
        request.flush(operator);
      }),
    ).toBe('/files');
    await router.navigateByUrl('/');
    expect(router.url).toBe('/');
    server.verify();
  });

  it('lead others to sign in, and back', async () => {
    const nobody = (request: TestRequest) => {
      request.flush({ name: null, role: null });
    };
    expect(await led('/files?state=loaded', nobody)).toBe('/sign-in?to=%2Ffiles%3Fstate%3Dloaded');
  });

  it('let in while the server does not answer: the page tells', async () => {
    expect(
      await led('/files', (request) => {
        request.error(new ProgressEvent('error'));
      }),
    ).toBe('/files');
  });

  it('close when an answer says that the session is over', () => {
    TestBed.inject(HttpClient)
      .get('/api/v1/files')
      .subscribe({ error: () => undefined });
    server.expectOne('/api/v1/files').flush({}, { status: 401, statusText: 'Unauthorized' });
    expect(TestBed.inject(Session).over()).toBe(true);
  });
});
