import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

type Options = CommandRegistry.ICommandOptions;

/**
 * A command that is off where it can do nothing, and says to a key why: a key has no tooltip.
 *
 * @param whyNot - why it can do nothing now; empty where it can.
 */
export function sayingWhyNot(
  whyNot: () => string,
  trans: TranslationBundle,
  options: Options
): Options {
  return {
    ...options,
    isEnabled: args => isByKey(args) || whyNot() === '',
    execute: args => {
      const why = whyNot();
      // A dialog, since Notebook 7 shows no notifications.
      return why ? showErrorMessage(trans.__('StarCoder'), why) : options.execute(args);
    }
  };
}

/** Lumino says so of commands that it executes for a key, also when it asks whether it may. */
function isByKey({ _luminoEvent: event }: Parameters<Options['execute']>[0]): boolean {
  return (event as { type?: string } | undefined)?.type === 'keybinding';
}
