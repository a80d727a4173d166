/* eslint-disable jupyter/prefer-lazy-imports */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { IStarcoder } from '../services';
import { addChatCommands } from './command';
import { ChatPanel } from './panel';
import { followRenames } from './renames';

const RANK = 950;

/** Conversations with the model about a notebook, at the side of the page. */
export const chatPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:chat',
  description: 'Conversations with a local model.',
  autoStart: true,
  requires: [IStarcoder, INotebookTracker, IRenderMimeRegistry],
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (
    app,
    starcoder: IStarcoder,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const options = { app, starcoder, tracker, rendermime };
    const panel = new ChatPanel(options);
    app.shell.add(panel, 'right', { rank: RANK });
    // Notebook 7 has none: there, its own menu opens the side again.
    restorer?.add(panel, panel.id);
    followRenames(tracker, (path, to) => {
      // A server that could rename the notebook just now is there: what fails here is told at the next question.
      panel.move(path, to).catch(() => undefined);
    });
    addChatCommands(options, panel, palette);
  }
};
