// The provider must stand before JupyterLab is restored, and all of it is smaller than one request would cost.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICompletionProviderManager, IInlineCompleterFactory } from '@jupyterlab/completer';

import { starcoderIcon } from '../icon';
import { IStarcoder } from '../services';
import type { Health } from '../status/health';
import { addSuggestionCommands } from './commands';
import { Completers } from './completers';
import { StarcoderProvider } from './provider';
import { spotOf } from './spot';
import { clearStale } from './stale';
import { undoAlone } from './undo';

/** Suggests code at the cursor. */
export const inlinePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:inline',
  description: 'Inline completion of code by a local model.',
  autoStart: true,
  requires: [IStarcoder],
  optional: [ICompletionProviderManager, IInlineCompleterFactory],
  activate: (
    app,
    starcoder: IStarcoder,
    completers: ICompletionProviderManager | null,
    inlineCompleters: IInlineCompleterFactory | null
  ) => {
    const { requests, settings, reader, trans, health } = starcoder;
    const provider = new StarcoderProvider({
      requests,
      settings,
      icon: starcoderIcon,
      trans,
      spotOf: (request, context) =>
        spotOf(request, context, {
          reader,
          invoke: widgetId => completers?.inline?.invoke(widgetId)
        })
    });
    // At once: JupyterLab reads the settings of the providers there are when it is restored.
    completers?.registerInlineProvider(provider);
    const shown = new Completers(inlineCompleters);
    shown.each(undoAlone);
    shown.each(clearStale);
    addSuggestionCommands({ commands: app.commands, completers: shown, provider, trans });
    followModel(health, provider);
  }
};

/** Forgets suggestions of another model than the one that is served by now. */
function followModel(health: Health, provider: StarcoderProvider): void {
  let served = '';
  health.changed.connect(() => {
    const model = health.current.health?.model ?? served;
    if (served && model !== served) {
      provider.forget();
    }
    served = model;
  });
}
