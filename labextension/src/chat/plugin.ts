// Commands must stand before JupyterLab is restored; what is large comes by a dynamic import at its first use.
/* eslint-disable jupyter/prefer-lazy-imports */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { Failure } from '../server/failure';
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
    followRenames(app.serviceManager.contents, tracker, (path, to) => {
      panel.move(path, to).catch(reason => {
        // Told here, until it is read: the panel, which may be closed, would show an empty history and no reason.
        const { trans } = starcoder;
        const why = Failure.of(reason).message;
        const news = trans.__('The conversations about “%1” could not go along: %2', path, why);
        Notification.error(news, { autoClose: false });
      });
    });
    addChatCommands(options, panel, palette);
  }
};
