// Provider and command must stand before JupyterLab is restored, and all of it is smaller than one request would cost.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { ICompletionProviderManager, IInlineCompleterFactory } from '@jupyterlab/completer';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import { Activity } from './activity';
import { Api } from './api';
import { addExplainCommand } from './explain/command';
import { Failure } from './failure';
import { starcoderIcon } from './icon';
import { NotebookReader } from './notebook';
import { StarcoderProvider } from './provider';
import { Requests } from './requests';
import { Settings } from './settings';
import { spotOf } from './spot';
import { Health } from './status/health';
import { StatusItem } from './status/item';
import { undoAlone } from './undo';

const PLUGIN_ID = 'jupyter-starcoder:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Inline completion and explanation of code by a local model.',
  autoStart: true,
  // All optional, so that the same plugin loads in every front end and does there what can be done.
  optional: [
    ICompletionProviderManager,
    IInlineCompleterFactory,
    INotebookTracker,
    ISettingRegistry,
    ICommandPalette,
    IStatusBar,
    ITranslator
  ],
  activate
};

function activate(
  app: JupyterFrontEnd,
  completers: ICompletionProviderManager | null,
  inlineCompleters: IInlineCompleterFactory | null,
  tracker: INotebookTracker | null,
  registry: ISettingRegistry | null,
  palette: ICommandPalette | null,
  statusBar: IStatusBar | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('jupyter_starcoder');
  const api = new Api({ settings: app.serviceManager.serverSettings, trans });
  const activity = new Activity();
  const requests = new Requests({ api, activity, pageId: UUID.uuid4() });
  const reader = new NotebookReader();
  const settings = new Settings();
  const health = new Health({ api, activity });

  const provider = new StarcoderProvider({
    requests,
    settings,
    icon: starcoderIcon,
    trans,
    spotOf: (request, context) =>
      spotOf(request, context, { reader, invoke: widgetId => completers?.inline?.invoke(widgetId) })
  });
  // At once: JupyterLab reads the settings of the providers there are when it is restored.
  completers?.registerInlineProvider(provider);
  if (inlineCompleters) {
    undoAlone(inlineCompleters);
  }
  if (tracker) {
    addExplainCommand({ app, tracker, palette, reader, requests, trans });
  }
  const load = async (model: string) => {
    try {
      await api.load({ model });
    } catch (reason) {
      // A dialog, since Notebook 7 shows no notifications.
      void showErrorMessage(trans.__('StarCoder'), Failure.of(reason).message);
    }
    health.refresh();
  };
  addStatus(app, statusBar, new StatusItem({ health, load, icon: starcoderIcon, trans }));
  settings.changed.connect((_, before) => {
    const { model } = settings.current;
    if (model && model !== before.model) {
      void load(model);
    }
  });
  followModel(health, provider);
  registry?.load(PLUGIN_ID).then(
    loaded => settings.follow(loaded),
    reason =>
      console.error('jupyter-starcoder: the settings cannot be read, the defaults hold.', reason)
  );
}

/** Puts the status where the front end has a place for it: Notebook 7 comes without a status bar. */
function addStatus(app: JupyterFrontEnd, statusBar: IStatusBar | null, item: StatusItem): void {
  if (statusBar) {
    statusBar.registerStatusItem('jupyter-starcoder:status', { item, align: 'right', rank: 200 });
  } else {
    // Right of the menus, before the kernel's own status.
    app.shell.add(item, 'menu', { rank: 1000 });
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

export default plugin;
