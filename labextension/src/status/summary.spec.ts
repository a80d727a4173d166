import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { HealthReply } from '../wire';
import { summarise } from './summary';

const trans = nullTranslator.load('jupyter_starcoder');
const READY: HealthReply = {
  version: '0.1.0',
  state: 'ready',
  model: 'small',
  device: 'CPU',
  message: '',
  answering: 'small',
  is_busy: false,
  waiting: 0,
  kernel_context: 'schema',
  progress: null
};

function say(health: Partial<HealthReply> | null, isBusy = false, silence = '') {
  return summarise({ health: health && { ...READY, ...health }, silence, isBusy }, trans);
}

describe('summarise', () => {
  it('names model, device and state of a model that is there', () => {
    expect(say({})).toMatchObject({ mood: 'ready', text: 'small · CPU · ready' });
  });

  it('is busy with our own requests and with those of others', () => {
    expect(say({}, true).mood).toBe('busy');
    expect(say({ is_busy: true }).mood).toBe('busy');
  });

  it('tells how many wait', () => {
    expect(say({ is_busy: true, waiting: 2 }).text).toBe('small · CPU · busy, 2 wait');
  });

  it('shows how far a preparation is', () => {
    const progress = { step: 'downloading', done: 1, total: 3, unit: 'bytes', phase: '' as const };

    expect(say({ state: 'preparing', progress }).text).toBe('small: downloading 33 %');
    expect(say({ state: 'preparing', progress: { ...progress, total: 0 } }).text).toBe(
      'small: downloading'
    );
    expect(say({ state: 'loading' }).text).toBe('small: loading');
  });

  it('tells what to do about a model that failed or is not there', () => {
    expect(say({ state: 'failed', message: 'export it again' })).toMatchObject({
      mood: 'problem',
      detail: 'export it again'
    });
    expect(say({ state: 'absent', message: 'get it first' })).toMatchObject({
      mood: 'problem',
      detail: 'get it first'
    });
  });

  it('says why the server is not heard of', () => {
    expect(say(null, false, 'it is gone')).toMatchObject({ mood: 'problem', detail: 'it is gone' });
    expect(say(null).mood).toBe('unknown');
  });
});
