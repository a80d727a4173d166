import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { InlineCompleter } from '@jupyterlab/completer';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Completers } from './completers';
import { keysBeforeEditor } from './keys';
import { firstLine, firstWord, takePart } from './part';
import type { StarcoderProvider } from './provider';

/** Adds what can be done with the suggestion that is shown, besides what JupyterLab has: accept, next and previous. */
export function addSuggestionCommands(options: {
  commands: JupyterFrontEnd['commands'];
  completers: Completers;
  provider: Pick<StarcoderProvider, 'dismiss'>;
  trans: TranslationBundle;
}): void {
  const { commands, completers, provider, trans } = options;
  const add = (id: string, label: string, run: (completer: InlineCompleter) => void) => {
    commands.addCommand(id, {
      label,
      isEnabled: () => completers.active !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        if (completers.active) {
          run(completers.active);
        }
      }
    });
    return id;
  };
  keysBeforeEditor(commands, [
    add('starcoder:accept-word', trans.__('Accept the Next Word of the Suggestion'), completer =>
      takePart(completer, firstWord)
    ),
    add('starcoder:accept-line', trans.__('Accept the Next Line of the Suggestion'), completer =>
      takePart(completer, firstLine)
    ),
    add('starcoder:dismiss', trans.__('Dismiss the Suggestion'), completer => {
      provider.dismiss();
      completer.model?.reset();
    })
  ]);
}
