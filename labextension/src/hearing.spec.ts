import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { hearAdministrator } from './hearing';
import { Failure } from './server/failure';
import { DEFAULTS, Settings } from './settings';
import type { Health } from './status/health';
import type { HealthReply, SettingsReply } from './wire';

const WORD: SettingsReply = { options: DEFAULTS, locked: ['trigger'], disabled: [], reason: '' };

function make() {
  const api = { settings: vi.fn(async () => WORD) };
  const settings = new Settings();
  const knowledge = { health: null as HealthReply | null, silence: '', isBusy: false };
  const changed = new Signal<object, void>(knowledge);
  const health = { changed, current: knowledge } as unknown as Health;
  /** What the poll finds out about the server. */
  const poll = async (isThere: boolean) => {
    knowledge.health = isThere ? ({ state: 'ready' } as HealthReply) : null;
    knowledge.silence = isThere ? '' : 'no answer';
    changed.emit();
    await Promise.resolve();
    await Promise.resolve();
  };
  const then = vi.fn();
  return {
    api,
    settings,
    then,
    poll,
    hear: () => hearAdministrator({ api, settings, health }, then)
  };
}

describe('the administrator', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is heard at once where the server tells', async () => {
    const { api, settings, then, poll, hear } = make();
    await hear();
    expect(settings.isLocked('trigger')).toBe(true);

    await poll(true);
    expect(api.settings).toHaveBeenCalledOnce();
    expect(then).toHaveBeenCalledOnce();
  });

  it('is heard as soon as a silent server is back, and not asked any more', async () => {
    const { api, settings, then, poll, hear } = make();
    api.settings.mockRejectedValueOnce(new Failure({ code: 'unreachable', message: 'no answer' }));
    await hear();
    await poll(false);
    expect(api.settings).toHaveBeenCalledOnce();
    expect(settings.isLocked('trigger')).toBe(false);
    expect(then).toHaveBeenCalledOnce();

    await poll(true);
    await poll(true);
    expect(settings.isLocked('trigger')).toBe(true);
    expect(api.settings).toHaveBeenCalledTimes(2);
    expect(then).toHaveBeenCalledTimes(2);
  });

  it('is heard anew when the server was away and is back', async () => {
    const { api, settings, then, poll, hear } = make();
    await hear();
    await poll(false);
    api.settings.mockResolvedValueOnce({ ...WORD, locked: ['model'] });
    await poll(true);
    await poll(true);

    expect(api.settings).toHaveBeenCalledTimes(2);
    expect(settings.word.locked).toEqual(['model']);
    expect(then).toHaveBeenCalledTimes(2);
  });

  it('is asked again and again, but once at a time', async () => {
    const { api, settings, poll, hear } = make();
    const refusal = new Failure({ code: 'error', message: 'too many requests' });
    api.settings.mockRejectedValueOnce(refusal).mockRejectedValueOnce(refusal);
    await hear();
    await poll(true);
    expect(api.settings).toHaveBeenCalledTimes(2);

    let tell = (_: SettingsReply) => {};
    api.settings.mockImplementationOnce(() => new Promise(resolve => (tell = resolve)));
    await poll(true);
    await poll(true);
    expect(api.settings).toHaveBeenCalledTimes(3);
    tell(WORD);
    await vi.waitFor(() => expect(settings.isLocked('trigger')).toBe(true));
  });
});
