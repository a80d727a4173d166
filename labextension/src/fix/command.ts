import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { errorOf } from '../document/error';
import { starcoderIcon } from '../icon';
import { captionOf } from '../permission';
import { Proposal } from '../proposal/proposal';
import { sayingWhyNot } from '../refusal';
import type { IStarcoder } from '../services';
import { watchErrors } from './strip';

const FIX = 'starcoder:fix-cell';
const EXPLAIN_ERROR = 'starcoder:explain-error';

/** Adds the command that proposes a new text for the active cell, which failed, and buttons at each such cell. */
export function addFixCommand(options: {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  starcoder: IStarcoder;
}): void {
  const { app, tracker, palette, starcoder } = options;
  const { requests, settings, trans } = starcoder;
  const label = trans.__('Fix this cell');
  const hasFailed = () =>
    tracker.activeCell instanceof CodeCell && errorOf(tracker.activeCell.model) !== null;

  const whyNot = () => {
    if (settings.isOff('fix')) {
      return captionOf(starcoder, 'fix', label);
    }
    if (!hasFailed()) {
      return trans.__('This cell shows no error that could be fixed.');
    }
    return tracker.activeCell?.readOnly ? trans.__('This cell is locked against changes.') : '';
  };

  app.commands.addCommand(
    FIX,
    sayingWhyNot(whyNot, trans, {
      label,
      caption: () => captionOf(starcoder, 'fix', label),
      icon: starcoderIcon,
      isVisible: hasFailed,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const notebook = tracker.currentWidget;
        const cell = tracker.activeCell;
        const mishap = cell && errorOf(cell.model);
        if (!notebook || !(cell instanceof CodeCell) || !mishap) {
          return;
        }
        const proposal = Proposal.over({ cell, notebook, starcoder });
        proposal.focus();
        await proposal.write((page, signal) => requests.ask('fix', page, { mishap }, signal));
      }
    })
  );
  palette?.addItem({ command: FIX, category: trans.__('StarCoder') });

  const run = (command: string, cell: CodeCell, { content }: NotebookPanel) => {
    content.activeCellIndex = content.widgets.indexOf(cell);
    void app.commands.execute(command);
  };
  const watch = (notebook: NotebookPanel) =>
    watchErrors(notebook, {
      starcoder,
      fix: cell => run(FIX, cell, notebook),
      explain: cell => run(EXPLAIN_ERROR, cell, notebook),
      changed: () => app.commands.notifyCommandChanged(FIX)
    });
  tracker.forEach(watch);
  tracker.widgetAdded.connect((_, notebook) => watch(notebook));
}
