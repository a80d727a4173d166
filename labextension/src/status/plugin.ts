// The item must stand when JupyterLab is restored, and all of it is smaller than one request would cost.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';

import { starcoderIcon } from '../icon';
import { GET_MODEL, OPEN_MODELS } from '../models/command';
import { IStarcoder } from '../services';
import { StatusItem } from './item';

/** Shows how the model stands. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:status',
  description: 'State of the local model.',
  autoStart: true,
  requires: [IStarcoder],
  optional: [IStatusBar],
  activate: (app, starcoder: IStarcoder, statusBar: IStatusBar | null) => {
    const openModels = () => void app.commands.execute(OPEN_MODELS);
    const get = (model: string) => app.commands.execute(GET_MODEL, { model }) as Promise<void>;
    const item = new StatusItem({ ...starcoder, get, openModels, icon: starcoderIcon });
    // Notebook 7 comes without a status bar.
    if (statusBar) {
      statusBar.registerStatusItem('jupyter-starcoder:status', { item, align: 'right', rank: 200 });
    } else {
      // Right of the menus, before the kernel's own status.
      app.shell.add(item, 'menu', { rank: 1000 });
    }
  }
};
