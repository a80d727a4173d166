import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { editIcon } from '../icon';
import { captionOf } from '../permission';
import { Proposal } from '../proposal/proposal';
import { sayingWhyNot } from '../refusal';
import type { IStarcoder } from '../services';
import { takeFocus } from '../writing/controls';

const EDIT = 'starcoder:edit-cell';

/** Adds the command that asks what should change in the active cell, in a bar over it. */
export function addEditCommand(options: {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  starcoder: IStarcoder;
}): void {
  const { app, tracker, palette, starcoder } = options;
  const { settings, trans } = starcoder;
  const label = trans.__('Edit this cell in words');
  const isCode = () => tracker.activeCell instanceof CodeCell;
  const whyNot = () => {
    if (settings.isOff('edit')) {
      return captionOf(starcoder, 'edit', label);
    }
    if (!isCode()) {
      return trans.__('Only a cell of code can be edited in words.');
    }
    return tracker.activeCell?.readOnly ? trans.__('This cell is locked against changes.') : '';
  };

  app.commands.addCommand(
    EDIT,
    sayingWhyNot(whyNot, trans, {
      label: args => (args.toolbar ? '' : label),
      caption: () => captionOf(starcoder, 'edit', label),
      icon: editIcon,
      isVisible: isCode,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        const notebook = tracker.currentWidget;
        const cell = tracker.activeCell;
        if (notebook && cell instanceof CodeCell) {
          const proposal = Proposal.over({ cell, notebook, starcoder });
          takeFocus(() => proposal.focus());
        }
      }
    })
  );
  tracker.activeCellChanged.connect(() => app.commands.notifyCommandChanged(EDIT));
  palette?.addItem({ command: EDIT, category: trans.__('StarCoder') });
}
