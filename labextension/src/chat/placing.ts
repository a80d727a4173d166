import { Clipboard } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { selectedSpan } from '../document/selection';
import { endStep } from '../document/step';
import type { CodeActions } from './blocks';

/**
 * Puts code into a new cell below the active one, in one change.
 *
 * @returns whether the notebook takes it.
 */
export function insertBelow({ content }: NotebookPanel, source: string): boolean {
  const shared = content.model?.sharedModel;
  if (!shared || content.model?.readOnly) {
    return false;
  }
  const index = content.activeCellIndex + 1;
  endStep(shared);
  shared.insertCell(index, { cell_type: 'code', source, metadata: { trusted: true } });
  endStep(shared);
  content.deselectAll();
  content.activeCellIndex = index;
  void content.scrollToItem(index);
  return true;
}

/**
 * Puts code where something is selected in the active cell, or at its cursor, in one change.
 *
 * @returns whether the cell takes it.
 */
export function replaceSelection({ content }: NotebookPanel, source: string): boolean {
  const cell = content.activeCell;
  if (!cell?.editor || cell.readOnly) {
    return false;
  }
  const { editor } = cell;
  const { sharedModel } = cell.model;
  const { first, last } = selectedSpan(editor);
  endStep(sharedModel);
  sharedModel.updateSource(first, last, source);
  endStep(sharedModel);
  const cursor = editor.getPositionAt(first + source.length);
  if (cursor) {
    editor.setCursorPosition(cursor);
  }
  return true;
}

/** What the buttons under a piece of code do in the notebook in front, each with a word on what came of it. */
export function codeActions(
  tracker: INotebookTracker,
  trans: TranslationBundle,
  say: (text: string) => void
): CodeActions {
  const place = (put: typeof insertBelow, code: string, done: string) => {
    const notebook = tracker.currentWidget;
    if (notebook && put(notebook, code)) {
      say(done);
    } else {
      say(trans.__('No cell takes it: open a notebook that can be changed, and pick a cell.'));
    }
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
