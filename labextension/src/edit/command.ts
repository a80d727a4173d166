import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { editIcon } from '../icon';
import { captionOf } from '../permission';
import { Proposal } from '../proposal/proposal';
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
  const isPossible = () => isCode() && !settings.isOff('edit');

  app.commands.addCommand(EDIT, {
    label: args => (args.toolbar ? '' : label),
    caption: () => captionOf(starcoder, 'edit', label),
    icon: editIcon,
    isEnabled: () => isPossible() && !tracker.activeCell?.readOnly,
    isVisible: isCode,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      const notebook = tracker.currentWidget;
      const cell = tracker.activeCell;
      if (notebook && cell instanceof CodeCell && !cell.readOnly) {
        const proposal = Proposal.over({ cell, notebook, starcoder });
        takeFocus(() => proposal.focus());
      }
    }
  });
  tracker.activeCellChanged.connect(() => app.commands.notifyCommandChanged(EDIT));
  palette?.addItem({ command: EDIT, category: trans.__('StarCoder') });
}
