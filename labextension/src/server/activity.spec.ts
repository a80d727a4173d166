import { describe, expect, it } from 'vitest';

import type { Timings } from '../wire';
import { Activity } from './activity';
import { Failure } from './failure';

const TIMINGS = { prompt_tokens: 2 } as Timings;

describe('Activity', () => {
  it('is busy until as many requests ended as began', () => {
    const activity = new Activity();
    const ends = [activity.begin('complete'), activity.begin('chat')];
    ends[0]({ failure: null, timings: null });
    expect(activity.isBusy).toBe(true);
    ends[1]({ failure: null, timings: null });

    expect(activity.isBusy).toBe(false);
  });

  it('keeps what the last requests came to, the newest first', () => {
    const activity = new Activity();
    const failure = new Failure({ code: 'engine_busy', message: 'secret' });
    activity.begin('complete')({ failure: null, timings: TIMINGS });
    activity.begin('edit')({ failure: null, timings: null });
    activity.begin('fix')({ failure, timings: null });

    expect(activity.log.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['fix', 'failed'],
      ['edit', 'stopped'],
      ['complete', 'answered']
    ]);
    expect(activity.failure).toBe(failure);
    expect(activity.last).toBe(TIMINGS);
    expect(JSON.stringify(activity.log)).not.toContain('secret');
  });

  it('forgets the oldest', () => {
    const activity = new Activity();
    for (let n = 0; n < 100; n += 1) {
      activity.begin(`kind ${n}`)({ failure: null, timings: null });
    }

    expect(activity.log).toHaveLength(30);
    expect(activity.log[0].kind).toBe('kind 99');
  });
});
