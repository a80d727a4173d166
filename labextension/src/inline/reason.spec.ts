import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { DEFAULTS } from '../settings';
import { WISHES } from './preferences';
import { reasonAt } from './reason';

const trans = nullTranslator.load('');
const HERE = { isOff: false, language: 'python' };
const SILENT = {
  settings: { current: DEFAULTS },
  preferences: { current: WISHES },
  snooze: { until: null }
};

describe('why no suggestions come', () => {
  it('is not said where they do', () => {
    expect(reasonAt(HERE, SILENT, trans)).toBeNull();
    expect(reasonAt(null, SILENT, trans)).toBeNull();
  });

  it('is what holds longest, with the place where it is changed', () => {
    const snoozed = { ...SILENT, snooze: { until: new Date(2026, 0, 1, 17, 5) } };
    expect(reasonAt(null, snoozed, trans)?.brief).toMatch(/^snoozed until 0?5:05|17:05/);
    const inPython = {
      ...snoozed,
      preferences: { current: { ...WISHES, languagesOff: ['python'] } }
    };
    expect(reasonAt(HERE, inPython, trans)?.brief).toBe('no suggestions in python');
    expect(reasonAt({ ...HERE, isOff: true }, inPython, trans)?.brief).toBe('no suggestions here');
    const off = { ...inPython, settings: { current: { ...DEFAULTS, enabled: false } } };
    expect(reasonAt(HERE, off, trans)?.whole).toContain('in the settings');
  });
});
