import { Location } from '@angular/common';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { SignInPage } from './sign-in-page';

@Component({ template: '' })
class Elsewhere {}

describe('signing in', () => {
  let page: HTMLElement;
  let harness: RouterTestingHarness;
  let server: HttpTestingController;

  async function at(address: string): Promise<void> {
    harness = await RouterTestingHarness.create(address);
    page = harness.routeNativeElement!;
  }

  function give(token: string): void {
    const field = page.querySelector('input');
    if (field) field.value = token;
    page.querySelector('form')?.dispatchEvent(new Event('submit'));
  }

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter(
          [
            { path: 'sign-in', component: SignInPage },
            { path: '**', component: Elsewhere },
          ],
          withComponentInputBinding(),
        ),
      ],
    });
    server = TestBed.inject(HttpTestingController);
  });

  it.each([
    ['/sign-in?to=%2Ffiles%3Fstate%3Dquarantined', '/files?state=quarantined'],
    ['/sign-in', '/'],
    ['/sign-in?to=%2F%2Fforeign.example', '/'],
    ['/sign-in?to=https:%2F%2Fforeign.example', '/'],
  ])('with %s leads to %s', async (from, to) => {
    await at(from);
    give(' tradewind_x ');
    const asked = server.expectOne({ method: 'POST', url: '/api/v1/session' });
    expect(asked.request.body).toEqual({ token: 'tradewind_x' });
    asked.flush({ name: 'desk', role: 'viewer' });
    await harness.fixture.whenStable();
    expect(TestBed.inject(Router).url).toBe(to);
  });

  it('with a wrong token says so, and stays', async () => {
    await at('/sign-in');
    give('wrong');
    server
      .expectOne('/api/v1/session')
      .flush({ detail: 'No such token is in use.' }, { status: 401, statusText: 'Unauthorized' });
    await harness.fixture.whenStable();
    expect(page.querySelector('[role=alert]')?.textContent).toContain('No such token is in use.');
    expect(page.querySelector('input')?.getAttribute('aria-invalid')).toBe('true');
  });

  it('by a link needs nothing more, and takes it out of the address', async () => {
    await at('/sign-in#link=one-time');
    expect(TestBed.inject(Location).path(true)).toBe('/sign-in');
    const asked = server.expectOne({ method: 'POST', url: '/api/v1/session/link' });
    expect(asked.request.body).toEqual({ secret: 'one-time' });
    asked.flush({ name: 'demo', role: 'operator' });
    await vi.waitFor(() => {
      expect(TestBed.inject(Router).url).toBe('/');
    });
  });

  it('by a link that is opened while the page is there works as well', async () => {
    await at('/sign-in');
    await harness.navigateByUrl('/sign-in#link=later');
    server.expectOne('/api/v1/session/link').flush({ name: 'demo', role: 'operator' });
    await vi.waitFor(() => {
      expect(TestBed.inject(Router).url).toBe('/');
    });
  });

  it.each([
    ['says so to somebody else', { name: null, role: null }, '/sign-in'],
    ['lets in who is signed in', { name: 'demo', role: 'operator' }, ''],
  ])('by a link that was used %s', async (_, who, url) => {
    await at('/sign-in#link=used');
    server
      .expectOne('/api/v1/session/link')
      .flush({ detail: 'This link was used already.' }, { status: 410, statusText: 'Gone' });
    (await vi.waitUntil(() => server.match('/api/v1/session')[0])).flush(who);
    await vi.waitFor(() => {
      expect(TestBed.inject(Location).path(true)).toBe(url);
      expect(page.querySelector('[role=alert]')?.textContent ?? '').toContain(url && 'used already');
    });
  });

  it('asks nothing without a token', async () => {
    await at('/sign-in');
    give('  ');
    server.verify();
  });
});
