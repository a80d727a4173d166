// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { IStarcoder } from '../services';
import { addEditCommand } from './command';

/** Changes cells as an instruction in words says, after a look at what would change. */
export const editPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:edit',
  description: 'Edits of cells by a local model.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ) => addEditCommand({ app, tracker, palette, starcoder })
};
