// The provider must stand before JupyterLab is restored, and all of it is smaller than one request would cost.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ICompletionProviderManager, IInlineCompleterFactory } from '@jupyterlab/completer';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IFormRendererRegistry } from '@jupyterlab/ui-components';

import { starcoderIcon } from '../icon';
import { IStarcoder } from '../services';
import type { Health } from '../status/health';
import { countAccepted } from './accepted';
import { Announcer } from './announcer';
import { chooseAmongMore } from './choice';
import { addSuggestionCommands } from './commands';
import { Completers } from './completers';
import { beside, yieldWhenEmpty } from './neighbours';
import { Preferences } from './preferences';
import { StarcoderProvider } from './provider';
import { followReason } from './notice';
import { Snooze } from './snooze';
import { spotOf } from './spot';
import { clearStale } from './stale';
import { addSwitches } from './switches';
import { Tally } from './tally';
import { tallyRenderer } from './tallyPage';
import { Typing } from './typing';
import { undoAlone } from './undo';

const PLUGIN_ID = 'jupyter-starcoder:inline';

/** Suggests code at the cursor. */
export const inlinePlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Inline completion of code by a local model.',
  autoStart: true,
  requires: [IStarcoder],
  optional: [
    ICompletionProviderManager,
    IInlineCompleterFactory,
    IEditorExtensionRegistry,
    ISettingRegistry,
    IFormRendererRegistry,
    ICommandPalette,
    INotebookTracker
  ],
  activate: (
    app,
    starcoder: IStarcoder,
    manager: ICompletionProviderManager | null,
    factory: IInlineCompleterFactory | null,
    extensions: IEditorExtensionRegistry | null,
    registry: ISettingRegistry | null,
    forms: IFormRendererRegistry | null,
    palette: ICommandPalette | null,
    tracker: INotebookTracker | null
  ) => {
    const { requests, settings, reader, trans, health, quiet } = starcoder;
    const preferences = new Preferences();
    const snooze = new Snooze();
    const typing = new Typing();
    const tally = new Tally(() => window.localStorage);
    const provider = new StarcoderProvider({
      requests,
      settings,
      preferences,
      snooze,
      quiet,
      icon: starcoderIcon,
      trans,
      spotOf: (request, context) =>
        spotOf(request, context, { reader, typing, invoke: id => manager?.inline?.invoke(id) })
    });
    // At once: JupyterLab reads the settings of the providers there are when it is restored.
    manager?.registerInlineProvider(provider);
    registry?.load(PLUGIN_ID).then(
      loaded => preferences.follow(loaded),
      reason => console.error('jupyter-starcoder: the settings cannot be read.', reason)
    );
    forms?.addRenderer(`${PLUGIN_ID}.tally`, tallyRenderer(tally, trans));
    extensions?.addExtension({
      name: PLUGIN_ID,
      factory: ({ model }) => {
        typing.watch(model.sharedModel);
        return null;
      }
    });
    const announcer = new Announcer({ provider, preferences, tally, trans });
    document.body.append(announcer.node);
    const invoke = () => invokeAt(app, manager);
    const completers = new Completers(factory);
    completers.each(completer => {
      beside(completer);
      clearStale(completer);
      yieldWhenEmpty(completer);
      chooseAmongMore(completer, { provider, invoke });
      announcer.follow(completer);
      countAccepted(completer, provider, tally);
      undoAlone(completer);
    });
    // JupyterLab itself asks for nothing where the line is still blank.
    typing.entered.connect((_, text) => {
      setTimeout(() => {
        if (completers.of(text)) {
          provider.askFor('typed', invoke);
        }
      });
    });
    const { commands } = app;
    addSuggestionCommands({ commands, completers, provider, announcer, tally, trans });
    const dismiss = () => {
      provider.dismiss();
      completers.active?.model?.reset();
    };
    addSwitches({ app, palette, preferences, snooze, tracker, dismiss, trans });
    followReason({ app, settings, preferences, snooze, quiet, trans });
    followModel(health, provider);
  }
};

/** Has JupyterLab ask for suggestions in the document that is looked at. */
function invokeAt({ shell }: JupyterFrontEnd, manager: ICompletionProviderManager | null): void {
  if (shell.currentWidget) {
    manager?.inline?.invoke(shell.currentWidget.id);
  }
}

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
