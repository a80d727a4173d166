// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';

import { IStarcoder } from '../services';
import { addGenerateCommand } from './command';

/** Writes a new cell for words in a Markdown cell or a comment. */
export const generatePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:generate',
  description: 'New cells by a local model.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ) => addGenerateCommand({ app, tracker, palette, starcoder })
};
