import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { PanelLayout } from '@lumino/widgets';

import { starcoderIcon } from '../icon';
import { captionOf } from '../permission';
import { sayingWhyNot } from '../refusal';
import type { IStarcoder } from '../services';
import { ExplanationPanel } from './panel';
import { failureOf, outputOf, selectionOr } from './subject';
import type { Subject } from './subject';

/** The name by which toolbars, menus and shortcuts know the command. */
export const EXPLAIN = 'starcoder:explain-cell';
const EXPLAIN_OUTPUT = 'starcoder:explain-output';
const EXPLAIN_ERROR = 'starcoder:explain-error';

/** Adds the commands that explain the active cell, or something of it, in a panel under it. */
export function addExplainCommand(options: {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  starcoder: IStarcoder;
}): void {
  const { app, tracker, palette, starcoder } = options;
  const { settings, trans } = starcoder;

  const explain = async (subjectOf: (cell: CodeCell) => Subject | null) => {
    const notebook = tracker.currentWidget;
    const cell = tracker.activeCell;
    const subject = cell instanceof CodeCell && subjectOf(cell);
    if (!notebook || !subject) {
      return;
    }
    const panel = panelUnder(cell, notebook, starcoder);
    panel.node.scrollIntoView({ block: 'nearest' });
    await panel.write(subject.subject, (turns, signal) => {
      const page = starcoder.reader.read(notebook, notebook.content.widgets.indexOf(cell));
      return starcoder.requests.ask('explain', page, { ...subject, turns: [...turns] }, signal);
    });
  };

  /** The output on which the context menu was opened; null where it was not. */
  const clicked = (cell: CodeCell): number | null => {
    const node = app.contextMenuHitTest(({ classList }) =>
      classList.contains('jp-OutputArea-child')
    );
    const index = cell.outputArea.widgets.findIndex(widget => widget.node === node);
    return index < 0 ? null : index;
  };

  const add = (
    command: string,
    label: string,
    subjectOf: (cell: CodeCell, isAsked: boolean) => Subject | null,
    needs: string
  ) => {
    const isPossible = () =>
      tracker.activeCell instanceof CodeCell && subjectOf(tracker.activeCell, false) !== null;
    const whyNot = () => {
      if (settings.isOff('explain')) {
        return captionOf(starcoder, 'explain', label);
      }
      return isPossible() ? '' : needs;
    };
    app.commands.addCommand(
      command,
      sayingWhyNot(whyNot, trans, {
        label: args => (args.toolbar ? '' : label),
        caption: () => captionOf(starcoder, 'explain', label),
        icon: starcoderIcon,
        isVisible: isPossible,
        describedBy: { args: { type: 'object', properties: {} } },
        execute: () => explain(cell => subjectOf(cell, true))
      })
    );
    palette?.addItem({ command, category: trans.__('StarCoder') });
  };
  add(
    EXPLAIN,
    trans.__('Explain this cell'),
    selectionOr,
    trans.__('Only a cell of code can be explained.')
  );
  add(
    EXPLAIN_OUTPUT,
    trans.__('Explain this output'),
    (cell, isAsked) => outputOf(cell, isAsked ? clicked(cell) : null),
    trans.__('This cell has no output to explain.')
  );
  add(
    EXPLAIN_ERROR,
    trans.__('Explain this error'),
    failureOf,
    trans.__('This cell has no error to explain.')
  );
  tracker.activeCellChanged.connect(() => app.commands.notifyCommandChanged(EXPLAIN));
}

function panelUnder(
  cell: CodeCell,
  notebook: NotebookPanel,
  { trans }: IStarcoder
): ExplanationPanel {
  const layout = cell.layout as PanelLayout;
  const open = layout.widgets.find(widget => widget instanceof ExplanationPanel);
  if (open) {
    return open;
  }
  const { content } = notebook;
  const panel = new ExplanationPanel({
    rendermime: content.rendermime,
    icon: starcoderIcon,
    trans
  });
  // After the output, before the cell's own footer. The cell disposes of the panel with itself.
  layout.insertWidget(layout.widgets.length - 1, panel);
  notebook.disposed.connect(panel.dispose, panel);
  panel.disposed.connect(() => {
    if (!content.isDisposed && content.activeCell === cell) {
      content.activate();
    }
  });
  return panel;
}
