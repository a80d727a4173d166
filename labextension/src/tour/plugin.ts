import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';

import { starcoderIcon } from '../icon';
import { Failure } from '../server/failure';
import { IStarcoder } from '../services';
import type { TourReply } from '../wire';
import { OPEN_TOUR } from './command';
import { ownCopy } from './copy';

/** Opens the tour in a copy of the person's own. */
export const tourPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:tour',
  description: 'A notebook that goes through every feature of StarCoder.',
  autoStart: true,
  requires: [IStarcoder],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, starcoder: IStarcoder, palette: ICommandPalette | null) => {
    const { api, trans } = starcoder;
    app.commands.addCommand(OPEN_TOUR, {
      label: trans.__('Open the StarCoder tour'),
      caption: trans.__('Open your copy of the notebook that goes through every feature'),
      icon: starcoderIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        try {
          const path = await ownCopy(PageConfig.getOption('preferredPath'), {
            contents: app.serviceManager.contents,
            text: async () => (await api.call<TourReply>('GET', 'tour')).text
          });
          await app.commands.execute('docmanager:open', { path });
        } catch (reason) {
          const title = trans.__('The tour could not be opened');
          void showErrorMessage(title, Failure.of(reason).message);
        }
      }
    });
    palette?.addItem({ command: OPEN_TOUR, category: trans.__('StarCoder') });
  }
};
