import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import schema from '../schema/plugin.json';
import { administered, captionOf } from './permission';
import { DEFAULTS, Settings } from './settings';
import type { Options } from './settings';
import type { SettingsReply } from './wire';

const trans = nullTranslator.load('jupyter_starcoder');
const SILENT: SettingsReply = { options: DEFAULTS, locked: [], disabled: [], reason: '' };

function settingsOf(word: Partial<SettingsReply>): Settings {
  const settings = new Settings();
  settings.heed({ ...SILENT, ...word });
  return settings;
}

function pluginOf(user: Partial<Options>): ISettingRegistry.IPlugin {
  const properties = {
    trigger: {
      type: 'string' as const,
      title: 'Trigger',
      description: 'When.',
      default: 'automatic'
    },
    maxTokens: { type: 'number' as const, description: 'How long.', maximum: 512, default: 64 }
  };
  return {
    id: 'ours',
    raw: JSON.stringify(user),
    version: '',
    schema: { type: 'object', properties },
    data: { user, composite: { ...DEFAULTS, ...user } }
  };
}

describe('DEFAULTS', () => {
  it('are those that the settings editor shows', () => {
    const shown = Object.entries(schema.properties).map(([name, property]) => [
      name,
      property.default
    ]);

    expect(Object.fromEntries(shown)).toEqual(DEFAULTS);
  });
});

describe('Settings', () => {
  it('takes what the administrator says where the user says nothing', () => {
    const settings = settingsOf({ options: { ...DEFAULTS, maxTokens: 9, debounceMs: 1 } });

    expect(settings.over({ maxTokens: 5 })).toEqual({ ...DEFAULTS, maxTokens: 5, debounceMs: 1 });
  });

  it('takes what is locked whatever the user says', () => {
    const options: Options = { ...DEFAULTS, trigger: 'manual' };
    const settings = settingsOf({ options, locked: ['trigger'] });

    expect(settings.over({ trigger: 'automatic', maxTokens: 5 })).toEqual({
      ...options,
      maxTokens: 5
    });
    expect(settings.isLocked('trigger')).toBe(true);
    expect(settings.isLocked('maxTokens')).toBe(false);
  });

  it('tells what held before when the administrator is heard', () => {
    const settings = new Settings();
    const seen: [string, string][] = [];
    settings.changed.connect((_, before) => seen.push([before.trigger, settings.current.trigger]));
    settings.heed({ ...SILENT, options: { ...DEFAULTS, trigger: 'manual' } });

    expect(seen).toEqual([['automatic', 'manual']]);
  });
});

describe('administered', () => {
  it('shows what is locked as such, with the reason, and leaves the rest', () => {
    const options: Options = { ...DEFAULTS, trigger: 'manual' };
    const settings = settingsOf({ options, locked: ['trigger'], reason: 'Exams are on.' });
    const { schema } = administered({ settings, trans }).fetch(pluginOf({}));

    expect(schema.properties?.['trigger']).toMatchObject({
      readOnly: true,
      title: 'Trigger (locked)',
      default: 'manual',
      description: 'Locked by the administrator: Exams are on. When.'
    });
    expect(schema.properties?.['maxTokens']).toEqual(pluginOf({}).schema.properties?.['maxTokens']);
  });

  it('says it once, however often the registry asks', () => {
    const settings = settingsOf({ locked: ['trigger'] });
    const { fetch } = administered({ settings, trans });

    expect(fetch(fetch(pluginOf({}))).schema).toEqual(fetch(pluginOf({})).schema);
  });

  it('says no more what an administrator has taken back', () => {
    const settings = settingsOf({
      options: { ...DEFAULTS, trigger: 'manual', maxTokens: 900 },
      locked: ['trigger'],
      reason: 'Exams are on.'
    });
    const { fetch } = administered({ settings, trans });
    const locked = fetch(pluginOf({}));
    settings.heed({ ...SILENT, locked: ['trigger'], reason: 'The disk is full.' });
    const lockedAnew = fetch(locked);
    settings.heed(SILENT);

    expect(lockedAnew.schema.properties?.['trigger']).toMatchObject({
      title: 'Trigger (locked)',
      description: 'Locked by the administrator: The disk is full. When.'
    });
    expect(fetch(lockedAnew).schema).toEqual(pluginOf({}).schema);
  });

  it('lets an administrator go beyond what users may', () => {
    const settings = settingsOf({ options: { ...DEFAULTS, maxTokens: 900 } });
    const { schema } = administered({ settings, trans }).fetch(pluginOf({}));

    expect(schema.properties?.['maxTokens']).toMatchObject({ default: 900, maximum: 900 });
  });

  it('puts what is locked in the place of what the file says', () => {
    const options: Options = { ...DEFAULTS, trigger: 'manual' };
    const settings = settingsOf({ options, locked: ['trigger'] });
    const { data } = administered({ settings, trans }).compose(
      pluginOf({ trigger: 'automatic', maxTokens: 5 })
    );

    expect(data.user).toEqual({ maxTokens: 5 });
    expect(data.composite).toEqual({ ...options, maxTokens: 5 });
  });
});

describe('captionOf', () => {
  it('is the label of what is on, and the reason of what is off', () => {
    const settings = settingsOf({ disabled: ['fix'], reason: 'Exams are on.' });

    expect(captionOf({ settings, trans }, 'edit', 'Edit')).toBe('Edit');
    expect(captionOf({ settings, trans }, 'fix', 'Fix')).toBe(
      'Fix: switched off by the administrator. Exams are on.'
    );
  });
});
