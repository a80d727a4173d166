import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { InlineCompleter } from '@jupyterlab/completer';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Announcer } from './announcer';
import type { Completers } from './completers';
import { keysBeforeEditor } from './keys';
import { firstLine, firstWord, takePart } from './part';
import type { StarcoderProvider } from './provider';
import type { Tally } from './tally';

/** Adds what can be done with the suggestion that is shown, besides what JupyterLab has: accept, next and previous. */
export function addSuggestionCommands(options: {
  commands: JupyterFrontEnd['commands'];
  completers: Completers;
  provider: StarcoderProvider;
  announcer: Announcer;
  tally: Tally;
  trans: TranslationBundle;
}): void {
  const { commands, completers, provider, announcer, tally, trans } = options;
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
  const ended = (completer: InlineCompleter, end: 'partly' | 'dismissed') => {
    const answer = provider.answerOf(completer.current);
    if (answer) {
      tally.ended(answer, end);
    }
  };
  const take = (partOf: (text: string) => string) => (completer: InlineCompleter) => {
    ended(completer, 'partly');
    takePart(completer, partOf);
  };
  keysBeforeEditor(commands, [
    add(
      'starcoder:accept-word',
      trans.__('Accept the Next Word of the Suggestion'),
      take(firstWord)
    ),
    add(
      'starcoder:accept-line',
      trans.__('Accept the Next Line of the Suggestion'),
      take(firstLine)
    ),
    add('starcoder:read-suggestion', trans.__('Read the Suggestion Aloud'), completer =>
      announcer.read(completer)
    ),
    add('starcoder:dismiss', trans.__('Dismiss the Suggestion'), completer => {
      ended(completer, 'dismissed');
      provider.dismiss();
      completer.model?.reset();
    })
  ]);
}
