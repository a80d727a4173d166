// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { IStarcoder } from '../services';
import { addExplainCommand } from './command';

/** Explains cells in a panel under them. */
export const explainPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:explain',
  description: 'Explanation of cells by a local model.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ) => addExplainCommand({ app, tracker, palette, starcoder })
};
