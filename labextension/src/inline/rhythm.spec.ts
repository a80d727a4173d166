import { describe, expect, it } from 'vitest';

import { Rhythm } from './rhythm';

/** A rhythm of keys that come at even distances. */
function typed(gapMs: number, keys = 8): Rhythm {
  const rhythm = new Rhythm();
  for (let key = 0; key < keys; key++) {
    rhythm.key(1000 + key * gapMs);
  }
  return rhythm;
}

describe('the pause before a request', () => {
  it('is the one that is set until a rhythm is known', () => {
    expect(typed(100, 5).pauseMs(150)).toBe(150);
    expect(typed(100, 6).pauseMs(150)).toBe(125);
  });

  it('grows with how long an answer takes, by no more than a second of it', () => {
    const rhythm = typed(100);
    rhythm.answered(500);
    expect(rhythm.pauseMs(150)).toBe(175);
    rhythm.answered(9000);
    rhythm.answered(9000);
    expect(rhythm.pauseMs(150)).toBe(225);
  });

  it('stays within its bounds', () => {
    expect(typed(10).pauseMs(150)).toBe(60);
    expect(typed(900).pauseMs(150)).toBe(500);
  });

  it('takes no notice of a pause for thought', () => {
    const rhythm = typed(100);
    rhythm.key(60_000);
    expect(rhythm.pauseMs(150)).toBe(125);
  });
});
