import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { newCellIcon } from '../icon';
import { captionOf } from '../permission';
import { sayingWhyNot } from '../refusal';
import type { IStarcoder } from '../services';
import { Draft } from './draft';
import { wordsOf } from './words';

const GENERATE = 'starcoder:generate-cell';

/** Adds the command that writes a new cell below one that says in words what it should do. */
export function addGenerateCommand(options: {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  starcoder: IStarcoder;
}): void {
  const { app, tracker, palette, starcoder } = options;
  const { settings, trans } = starcoder;
  const label = trans.__('Write code for this text');
  const words = (cell: Cell | null) =>
    cell && !cell.isDisposed ? wordsOf(cell.model.type, cell.model.sharedModel.getSource()) : '';
  const asks = () => words(tracker.activeCell) !== '';

  const whyNot = () => {
    if (settings.isOff('generate')) {
      return captionOf(starcoder, 'generate', label);
    }
    return asks()
      ? ''
      : trans.__(
          'Nothing here says in words what to write: put that into a Markdown cell, or into comments alone.'
        );
  };

  app.commands.addCommand(
    GENERATE,
    sayingWhyNot(whyNot, trans, {
      label: args => (args.toolbar ? '' : label),
      caption: () => captionOf(starcoder, 'generate', label),
      icon: newCellIcon,
      isVisible: asks,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const notebook = tracker.currentWidget;
        const cell = tracker.activeCell;
        if (notebook && cell && words(cell)) {
          await Draft.below({ cell, notebook, starcoder, words: () => words(cell) }).write();
        }
      }
    })
  );
  palette?.addItem({ command: GENERATE, category: trans.__('StarCoder') });

  let followed: ICellModel | null = null;
  let isShown = false;
  const look = () => {
    if (isShown !== asks()) {
      isShown = !isShown;
      app.commands.notifyCommandChanged(GENERATE);
    }
  };
  tracker.activeCellChanged.connect((_, cell) => {
    followed?.contentChanged.disconnect(look);
    followed = cell?.model ?? null;
    followed?.contentChanged.connect(look);
    isShown = asks();
    app.commands.notifyCommandChanged(GENERATE);
  });
}
