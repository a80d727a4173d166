import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import type { PanelLayout } from '@lumino/widgets';

import { errorOf } from '../document/error';
import { captionOf } from '../permission';
import type { IStarcoder } from '../services';
import { button } from '../writing/controls';
import { ownKeys } from '../writing/keys';

/** What the buttons of a failed cell do. */
interface StripActions {
  readonly starcoder: IStarcoder;
  fix(cell: CodeCell): void;
  explain(cell: CodeCell): void;
  /** A cell began or ceased to show an error. */
  changed(): void;
}

/** Keeps buttons under the output of every cell that failed, in a notebook as it is and as it changes. */
export function watchErrors({ content }: NotebookPanel, actions: StripActions): void {
  const watched = new WeakSet<Widget>();
  const look = () => {
    for (const cell of content.widgets) {
      if (cell instanceof CodeCell && !watched.has(cell)) {
        watched.add(cell);
        // Before that it has no place for them.
        void cell.ready.then(() => watchCell(cell, actions));
      }
    }
  };
  const follow = () => {
    content.model?.cells.changed.connect(look);
    look();
  };
  content.modelChanged.connect(follow);
  follow();
}

function watchCell(cell: CodeCell, actions: StripActions): void {
  if (cell.isDisposed) {
    return;
  }
  let strip: Widget | null = null;
  const look = () => {
    const hasFailed = !cell.isDisposed && errorOf(cell.model) !== null;
    if (hasFailed === (strip !== null)) {
      return;
    }
    if (hasFailed) {
      const layout = cell.layout as PanelLayout;
      const output = layout.widgets.findIndex(({ node }) => node.contains(cell.outputArea.node));
      layout.insertWidget(output + 1, (strip = stripOf(cell, actions)));
    } else {
      strip?.dispose();
      strip = null;
    }
    actions.changed();
  };
  const { outputs } = cell.model;
  outputs.changed.connect(look);
  cell.disposed.connect(() => outputs.changed.disconnect(look));
  look();
}

function stripOf(cell: CodeCell, { starcoder, fix, explain }: StripActions): Widget {
  const { settings, trans } = starcoder;
  const propose = trans.__('Propose a fix of this cell');
  const explainError = trans.__('Explain this error');
  const buttons = {
    fix: button(trans.__('Fix'), () => fix(cell)),
    explain: button(explainError, () => explain(cell))
  };
  const show = () => {
    buttons.fix.disabled = settings.isOff('fix');
    buttons.fix.title = captionOf(starcoder, 'fix', propose);
    buttons.explain.disabled = settings.isOff('explain');
    buttons.explain.title = captionOf(starcoder, 'explain', explainError);
  };
  const strip = new Widget();
  strip.addClass('jp-Starcoder-strip');
  strip.node.setAttribute('role', 'group');
  strip.node.setAttribute('aria-label', trans.__('Error of the cell'));
  strip.node.append(buttons.fix, buttons.explain);
  ownKeys(strip.node, {});
  settings.changed.connect(show);
  strip.disposed.connect(() => settings.changed.disconnect(show));
  show();
  return strip;
}
