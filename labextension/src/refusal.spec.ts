import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { sayingWhyNot } from './refusal';

const shown = vi.hoisted(() => vi.fn());
vi.mock('@jupyterlab/apputils', () => ({ showErrorMessage: shown }));

/** What Lumino lays beside the arguments of a command that a key asks for. */
const KEY = { _luminoEvent: { type: 'keybinding', keys: ['Ctrl K'] } };

/** A command, and what it does where nothing is against it. */
function command(why: string) {
  const work = vi.fn();
  const trans = nullTranslator.load('jupyter_starcoder');
  return { ...sayingWhyNot(() => why, trans, { execute: work }), work };
}

describe('a command that says why it does nothing', () => {
  afterEach(() => shown.mockClear());

  it('is off for buttons and menus, and answers a key with the reason', async () => {
    const { isEnabled, execute, work } = command('Exams are on.');

    expect(isEnabled?.({})).toBe(false);
    expect(isEnabled?.(KEY)).toBe(true);
    await execute(KEY);
    expect(shown).toHaveBeenCalledWith('StarCoder', 'Exams are on.');
    expect(work).not.toHaveBeenCalled();
  });

  it('does its work where nothing is against it', async () => {
    const { isEnabled, execute, work } = command('');

    expect(isEnabled?.({})).toBe(true);
    await execute(KEY);
    expect(work).toHaveBeenCalledOnce();
    expect(shown).not.toHaveBeenCalled();
  });
});
