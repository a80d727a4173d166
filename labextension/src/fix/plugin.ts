// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { IStarcoder } from '../services';
import { addFixCommand } from './command';

/** Proposes a new text for cells that failed. */
export const fixPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:fix',
  description: 'Fixes of cells by a local model.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ) => addFixCommand({ app, tracker, palette, starcoder })
};
