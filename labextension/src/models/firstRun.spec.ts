import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import type { Health } from '../status/health';
import type { HealthReply, ServingState } from '../wire';
import { FirstRun, nextStage } from './firstRun';
import type { Stage } from './firstRun';

/** The stages that a page goes through as the server says these states, one after the other. */
function stages(...states: (ServingState | 'silent')[]): Stage[] {
  const seen: Stage[] = [];
  let stage: Stage = 'none';
  for (const state of states) {
    const health = { state, answering: state === 'ready' ? 'small' : '' } as HealthReply;
    stage = nextStage(stage, state === 'silent' ? null : health);
    seen.push(stage);
  }
  return seen;
}

describe('the first run', () => {
  it('goes from the missing model to the one that answers', () => {
    expect(stages('absent', 'preparing', 'loading', 'ready')).toEqual([
      'offer',
      'working',
      'working',
      'done'
    ]);
  });

  it('stays while the server is silent, and tells a failure', () => {
    expect(stages('absent', 'silent', 'preparing', 'failed', 'absent')).toEqual([
      'offer',
      'offer',
      'working',
      'failed',
      'offer'
    ]);
  });

  it('says that the model answers until that is read', () => {
    const changed = new Signal<object, void>({});
    const health = { changed, current: { health: { state: 'absent', answering: '' } } };
    const firstRun = new FirstRun(health as unknown as Health);
    health.current.health = { state: 'ready', answering: 'small' };
    changed.emit();
    changed.emit();
    expect(firstRun.stage).toBe('done');

    firstRun.finish();
    changed.emit();
    expect(firstRun.stage).toBe('none');
  });

  it('is none of a model that is only loaded or damaged', () => {
    expect(stages('loading', 'ready')).toEqual(['none', 'none']);
    expect(stages('loading', 'failed')).toEqual(['none', 'none']);
  });

  it('is none of another model on its way while one answers', () => {
    const health = { state: 'preparing', answering: 'small' } as HealthReply;
    expect(nextStage('none', health)).toBe('none');
  });
});
