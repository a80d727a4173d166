// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { starcoderIcon } from '../icon';
import { IStarcoder } from '../services';
import { OPEN_TOUR } from '../tour/command';
import { rowActions } from './actions';
import { FirstRunCard } from './card';
import { GET_MODEL, OPEN_MODELS, addModelsCommand } from './command';
import { confirmSize } from './confirm';
import { FirstRun } from './firstRun';
import { Wish, offerInNotebooks } from './offers';
import { ModelsPanel } from './panel';
import { Stock } from './stock';
import { useModel } from './use';

const PLUGIN_ID = 'jupyter-starcoder:models';

/** Shows which models there are, gets and deletes them, and offers the first one. */
export const modelsPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Models on the machine that runs Jupyter.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null
  ) => {
    const { api, health, load, settings, trans } = starcoder;
    const stock = new Stock({ api, health });
    const use = (model: string) => useModel(model, { registry, starcoder });
    const actions = rowActions({ stock, use, trans });
    addModelsCommand({
      app,
      area: labShell ? 'main' : 'right',
      palette,
      restorer,
      makePanel: () => new ModelsPanel({ stock, health, settings, actions, trans }),
      trans
    });

    const get = async (model: string) => {
      const entry = await stock.find(model);
      if (!entry || (await confirmSize(entry, stock, trans))) {
        await load(model);
      }
    };
    app.commands.addCommand(GET_MODEL, {
      label: trans.__('Get a Model of StarCoder'),
      describedBy: {
        args: { type: 'object', properties: { model: { type: 'string' } }, required: ['model'] }
      },
      execute: ({ model }) => get(String(model))
    });

    const offer = (settings: ISettingRegistry.ISettings | null) => {
      const firstRun = new FirstRun(health);
      const openModels = () => void app.commands.execute(OPEN_MODELS);
      const openTour = () => void app.commands.execute(OPEN_TOUR);
      offerInNotebooks({
        tracker,
        firstRun,
        wish: new Wish(settings),
        card: dismiss =>
          new FirstRunCard({
            firstRun,
            stock,
            actions: { get, openModels, openTour, dismiss },
            icon: starcoderIcon,
            trans
          })
      });
    };
    (registry ? registry.load(PLUGIN_ID) : Promise.resolve(null)).then(offer, reason => {
      console.error('jupyter-starcoder: the settings of models cannot be read.', reason);
      offer(null);
    });
  }
};
