import { Clipboard } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { selectedSpan } from '../document/selection';
import { endStep } from '../document/step';
import type { CodeActions } from './blocks';

/** What came of putting code somewhere. */
type Outcome = 'put' | 'locked' | 'unselected';

/** Puts code into a new cell below the active one, in one change. */
function insertBelow({ content }: NotebookPanel, source: string): Outcome {
  const shared = content.model?.sharedModel;
  if (!shared || content.model?.readOnly) {
    return 'locked';
  }
  const index = content.activeCellIndex + 1;
  endStep(shared);
  shared.insertCell(index, { cell_type: 'code', source, metadata: { trusted: true } });
  endStep(shared);
  content.deselectAll();
  content.activeCellIndex = index;
  void content.scrollToItem(index);
  return 'put';
}

/** Puts code where something is selected in the active cell, or into a blank one, in one change. */
function replaceSelection({ content }: NotebookPanel, source: string): Outcome {
  const cell = content.activeCell;
  if (!cell?.editor || cell.readOnly) {
    return 'locked';
  }
  const { editor } = cell;
  const { sharedModel } = cell.model;
  const { first, last } = selectedSpan(editor);
  if (first === last && sharedModel.getSource().trim()) {
    return 'unselected';
  }
  endStep(sharedModel);
  sharedModel.updateSource(first, last, source);
  endStep(sharedModel);
  const cursor = editor.getPositionAt(first + source.length);
  if (cursor) {
    editor.setCursorPosition(cursor);
  }
  return 'put';
}

/** What the buttons under a piece of code do in the notebook in front, each with a word on what came of it. */
export function codeActions(
  tracker: INotebookTracker,
  trans: TranslationBundle,
  say: (text: string) => void
): CodeActions {
  const place = (put: typeof insertBelow, code: string, done: string) => {
    const notebook = tracker.currentWidget;
    const words: Record<Outcome, string> = {
      put: done,
      locked: trans.__('No cell takes it: open a notebook that can be changed, and pick a cell.'),
      unselected: trans.__('Nothing is selected in the active cell: select what it should replace.')
    };
    say(words[notebook ? put(notebook, code) : 'locked']);
  };
  return {
    trans,
    insertBelow: code => place(insertBelow, code, trans.__('Put into a new cell.')),
    replaceSelection: code => place(replaceSelection, code, trans.__('Put into the active cell.')),
    copy: code => {
      Clipboard.copyToSystem(code);
      say(trans.__('Copied.'));
    }
  };
}
