// Rooms must find this before JupyterLab is restored, and all of it is smaller than one request would cost.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Token, UUID } from '@lumino/coreutils';

import { NotebookReader } from './document/notebook';
import { hearAdministrator } from './hearing';
import { administered } from './permission';
import { Quiet } from './quiet';
import { Activity } from './server/activity';
import { Api } from './server/api';
import { Failure } from './server/failure';
import { Requests } from './server/requests';
import { Settings } from './settings';
import { Health } from './status/health';

export const PLUGIN_ID = 'jupyter-starcoder:plugin';

/** What every room of the front end may use; there is one of each on a page. */
export interface IStarcoder {
  readonly trans: TranslationBundle;
  readonly api: Api;
  readonly activity: Activity;
  readonly requests: Requests;
  readonly reader: NotebookReader;
  readonly settings: Settings;
  readonly health: Health;
  readonly quiet: Quiet;
  /** Has the server load a model, or start the one that it is set to again; what goes wrong is shown. */
  load(model: string): Promise<void>;
}

export const IStarcoder = new Token<IStarcoder>(
  'jupyter-starcoder:IStarcoder',
  'The server extension, the settings and the state of the model.'
);

/** Opens the road to the server and follows the settings; every other plugin stands on this one. */
export const servicesPlugin: JupyterFrontEndPlugin<IStarcoder> = {
  id: PLUGIN_ID,
  description: 'Settings of StarCoder, and its road to the server.',
  autoStart: true,
  provides: IStarcoder,
  optional: [ISettingRegistry, ITranslator],
  activate: (app, registry: ISettingRegistry | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_starcoder');
    const api = new Api({ settings: app.serviceManager.serverSettings, trans });
    const activity = new Activity();
    const settings = new Settings();
    const health = new Health({ api, activity });
    const load = async (model: string) => {
      try {
        await api.load({ model });
      } catch (reason) {
        // A dialog, since Notebook 7 shows no notifications.
        void showErrorMessage(trans.__('StarCoder'), Failure.of(reason).message);
      }
      health.refresh();
    };
    settings.changed.connect((_, before) => {
      const { model } = settings.current;
      // One that is locked is loaded by the server.
      if (model && model !== before.model && !settings.isLocked('model')) {
        void load(model);
      }
    });
    registry?.transform(PLUGIN_ID, administered({ settings, trans }));
    const read = userSettings(registry, settings);
    // The administrator first: what is locked must not be otherwise for a moment.
    void hearAdministrator(
      { api, settings, health },
      () => void read().then(() => app.commands.notifyCommandChanged())
    );
    const requests = new Requests({ api, activity, pageId: UUID.uuid4() });
    const reader = new NotebookReader();
    const quiet = new Quiet();
    return { trans, api, activity, requests, reader, settings, health, quiet, load };
  }
};

/**
 * What reads the user's settings, and follows them from the first time on.
 *
 * Each time they are made anew: they may have been loaded before it was known what is locked.
 */
function userSettings(registry: ISettingRegistry | null, settings: Settings): () => Promise<void> {
  let isFollowed = false;
  return async () => {
    try {
      const loaded = await registry?.load(PLUGIN_ID, true);
      if (loaded && !isFollowed) {
        isFollowed = true;
        settings.follow(loaded);
      }
    } catch (reason) {
      console.error('jupyter-starcoder: the settings cannot be read, the defaults hold.', reason);
    }
  };
}
