import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { PanelLayout } from '@lumino/widgets';

import { starcoderIcon } from '../icon';
import type { IStarcoder } from '../services';
import { ExplanationPanel } from './panel';

/** The name by which toolbars, menus and shortcuts know the command. */
export const EXPLAIN = 'starcoder:explain-cell';

/** Adds the command that explains the active cell in a panel under it. */
export function addExplainCommand(options: {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  starcoder: IStarcoder;
}): void {
  const { app, tracker, palette, starcoder } = options;
  const { reader, requests, trans } = starcoder;
  const label = trans.__('Explain this cell');
  const panels = new WeakMap<CodeCell, ExplanationPanel>();

  const panelUnder = (cell: CodeCell, { content }: NotebookPanel): ExplanationPanel => {
    const open = panels.get(cell);
    if (open && !open.isDisposed) {
      return open;
    }
    const panel = new ExplanationPanel({
      rendermime: content.rendermime,
      icon: starcoderIcon,
      trans
    });
    const layout = cell.layout as PanelLayout;
    // After the output, before the cell's own footer. The cell disposes of the panel with itself.
    layout.insertWidget(layout.widgets.length - 1, panel);
    panels.set(cell, panel);
    panel.disposed.connect(() => {
      if (!content.isDisposed && content.activeCell === cell) {
        content.activate();
      }
    });
    return panel;
  };

  app.commands.addCommand(EXPLAIN, {
    label: args => (args.toolbar ? '' : label),
    caption: label,
    icon: starcoderIcon,
    isEnabled: () => tracker.activeCell instanceof CodeCell,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      const notebook = tracker.currentWidget;
      const cell = tracker.activeCell;
      if (!notebook || !(cell instanceof CodeCell)) {
        return;
      }
      const page = reader.read(notebook, notebook.content.widgets.indexOf(cell));
      const panel = panelUnder(cell, notebook);
      panel.node.scrollIntoView({ block: 'nearest' });
      await panel.write(signal => requests.ask('explain', page, {}, signal));
    }
  });
  tracker.activeCellChanged.connect(() => app.commands.notifyCommandChanged(EXPLAIN));
  palette?.addItem({ command: EXPLAIN, category: trans.__('StarCoder') });
}
