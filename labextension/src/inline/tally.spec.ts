import { expect, it } from 'vitest';

import { NONE, Tally } from './tally';
import type { Store } from './tally';

function storeOf(kept: string | null = null): () => Store {
  const store = { getItem: () => kept, setItem: (_: string, value: string) => (kept = value) };
  return () => store;
}

it('counts a suggestion once, under the most that was done with it', () => {
  const tally = new Tally(storeOf());
  const [taken, left, sent] = [{}, {}, {}];
  for (const suggestion of [taken, taken, left, sent]) {
    tally.saw(suggestion);
  }
  tally.ended(taken, 'partly');
  tally.ended(taken, 'partly');
  tally.ended(taken, 'accepted');
  tally.ended(taken, 'dismissed');
  tally.ended(sent, 'dismissed');

  expect(tally.counts).toEqual({ shown: 3, accepted: 1, partly: 0, dismissed: 1 });
});

it('keeps what was taken in part where the rest is sent away', () => {
  const tally = new Tally(storeOf());
  const suggestion = {};
  tally.saw(suggestion);
  tally.ended(suggestion, 'partly');
  tally.ended(suggestion, 'dismissed');

  expect(tally.counts).toEqual({ ...NONE, shown: 1, partly: 1 });
});

it('begins anew when it is cleared', () => {
  const tally = new Tally(storeOf('{"shown": 7, "accepted": 3}'));
  expect(tally.counts).toEqual({ ...NONE, shown: 7, accepted: 3 });
  tally.clear();

  expect(tally.counts).toEqual(NONE);
});

it('does without a store that cannot be used', () => {
  const refuse = () => {
    throw new Error('no store');
  };
  for (const store of [refuse, () => ({ getItem: refuse, setItem: refuse })]) {
    const tally = new Tally(store);
    tally.saw({});

    expect(tally.counts).toEqual(NONE);
  }
});
