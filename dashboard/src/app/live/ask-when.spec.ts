import { Component, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { askWhen } from './ask-when';

const told = signal<object | undefined>(undefined);
let asked = 0;

@Component({ template: '' })
class Page {
  constructor() {
    askWhen(
      told,
      () => {
        asked += 1;
      },
      () => 1000,
    );
  }
}

describe('asking anew', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    asked = 0;
    told.set(undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function hear(times = 1): void {
    for (let time = 0; time < times; time += 1) {
      told.set({});
      TestBed.tick();
    }
  }

  it('is not done for what was not known before', () => {
    TestBed.createComponent(Page);
    hear();
    vi.advanceTimersByTime(5000);
    expect(asked).toBe(0);
  });

  it('is done at once, then no more often than its pace, and for the last news too', () => {
    TestBed.createComponent(Page);
    hear(2);
    vi.advanceTimersByTime(0);
    expect(asked).toBe(1);
    hear(100);
    vi.advanceTimersByTime(999);
    expect(asked).toBe(1);
    vi.advanceTimersByTime(1);
    expect(asked).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(asked).toBe(2);
  });

  it('ends with the page', () => {
    const page = TestBed.createComponent(Page);
    hear(2);
    page.destroy();
    vi.advanceTimersByTime(5000);
    expect(asked).toBe(0);
  });
});
