import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Snooze } from './snooze';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a snooze', () => {
  it('ends by itself after its minutes, and says so', () => {
    const snooze = new Snooze();
    const told = vi.fn();
    snooze.changed.connect(() => told(snooze.isOn));
    snooze.start(5);
    vi.advanceTimersByTime(4.9 * 60_000);
    expect(snooze.isOn).toBe(true);
    vi.advanceTimersByTime(0.2 * 60_000);

    expect(told.mock.calls).toEqual([[true], [false]]);
  });

  it('goes by the last word about its end', () => {
    const snooze = new Snooze();
    snooze.start(5);
    snooze.start(15);
    vi.advanceTimersByTime(6 * 60_000);
    expect(snooze.until).toEqual(new Date(Date.now() + 9 * 60_000));
    snooze.start(0);

    expect(snooze.until).toBeNull();
  });
});
