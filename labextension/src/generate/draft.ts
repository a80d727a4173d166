import { EditorView } from '@codemirror/view';
import type { Cell } from '@jupyterlab/cells';
import { CodeEditor, CodeEditorWrapper } from '@jupyterlab/codeeditor';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Panel, Widget } from '@lumino/widgets';
import type { PanelLayout } from '@lumino/widgets';

import { endStep, replaceInOneStep } from '../document/step';
import { newCellIcon } from '../icon';
import type { IStarcoder } from '../services';
import { button, takeFocus } from '../writing/controls';
import { ownKeys } from '../writing/keys';
import { Writing, isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';

/** The cell with the words, and what a draft needs. */
interface Options {
  readonly cell: Cell;
  readonly notebook: NotebookPanel;
  readonly starcoder: IStarcoder;
  readonly words: () => string;
}

/**
 * Code while it is written, below the words that ask for it.
 *
 * It becomes a cell once it is whole, so that the notebook never holds half of it and one step undoes it. What was
 * stopped, or failed on the way, becomes one if somebody says so.
 */
export class Draft extends Panel {
  /** The draft that is open below a cell, or a new one. */
  static below(options: Options): Draft {
    const layout = options.cell.layout as PanelLayout;
    const open = layout.widgets.find(widget => widget instanceof Draft);
    if (open) {
      return open;
    }
    const draft = new Draft(options);
    layout.insertWidget(layout.widgets.length - 1, draft);
    return draft;
  }

  constructor(options: Options) {
    super();
    this._options = options;
    const { content } = options.notebook;
    const { trans } = options.starcoder;
    this._editor = new CodeEditorWrapper({
      factory: content.contentFactory.editorFactory,
      model: new CodeEditor.Model({ mimeType: content.codeMimetype }),
      editorOptions: {
        config: { ...content.editorConfig.code, readOnly: true },
        extensions: [EditorView.contentAttributes.of({ 'aria-label': trans.__('Proposed code') })]
      }
    });
    this._stop = button(trans.__('Stop'), () => this._writing.stop());
    this._insert = button(trans.__('Insert below'), () => this._becomeCell(true));
    this._again = button(trans.__('Try again'), () => void this.write());
    this._close = button(trans.__('Close'), () => this._leave(), trans.__('Escape'));
    this.addClass('jp-Starcoder-draft');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('New cell'));
    this.addWidget(new Widget({ node: this._header() }));
    this.addWidget(this._editor);
    this.addWidget(new Widget({ node: this._alert }));
    ownKeys(this.node, { Escape: () => this._leave() });
    this._writing.changed.connect((_, written) => this._show(written));
    options.notebook.disposed.connect(this.dispose, this);
  }

  /** Has the code written; what was written before goes. */
  async write(): Promise<void> {
    const { cell, notebook, starcoder, words } = this._options;
    const { widgets } = notebook.content;
    const page = starcoder.reader.read(notebook, widgets.indexOf(cell) + 1);
    const request = words();
    takeFocus(() => {
      if (!this.node.contains(document.activeElement)) {
        this._close.focus();
      }
    });
    const written = await this._writing.read(signal =>
      starcoder.requests.ask('generate', page, { request }, signal)
    );
    if (written?.state === 'done' && written.text.trim()) {
      this._becomeCell();
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._writing.dispose();
      const { model } = this._editor;
      super.dispose();
      model.dispose();
    }
  }

  private _show(written: Written): void {
    const { state, text, failure } = written;
    const isBusy = isRunning(written);
    const hasText = text.trim() !== '';
    const held = document.activeElement;
    this.node.dataset.state = state;
    this.node.setAttribute('aria-busy', String(isBusy));
    replaceInOneStep(this._editor.model.sharedModel, text);
    this._editor.setHidden(!hasText);
    this._note.textContent = this._noteOf(state, hasText);
    this._alert.textContent = failure?.message ?? '';
    this._stop.hidden = !isBusy;
    this._again.hidden = isBusy;
    this._insert.hidden = isBusy || !hasText;
    if (held instanceof HTMLElement && held.hidden && this.node.contains(held)) {
      // A button that goes away must not take the keyboard's place with it.
      this._close.focus();
    }
  }

  private _noteOf(state: Written['state'], hasText: boolean): string {
    const { trans } = this._options.starcoder;
    switch (state) {
      case 'waiting':
      case 'writing':
        return trans.__('Writing…');
      case 'done':
        return hasText ? '' : trans.__('The model had nothing to write.');
      case 'cut':
        return trans.__('Ended at the longest length of an answer');
      case 'stopped':
        return trans.__('Stopped');
      case 'failed':
        return trans.__('Failed');
    }
  }

  /** Puts the code into a new cell below the words, in one change; who works elsewhere meanwhile is left there. */
  private _becomeCell(isWaitedFor = this.node.contains(document.activeElement)): void {
    const { cell, notebook } = this._options;
    const { content } = notebook;
    const shared = content.model?.sharedModel;
    const index = content.widgets.indexOf(cell) + 1;
    const source = this._editor.model.sharedModel.getSource().trimEnd();
    this.dispose();
    if (!shared || content.model?.readOnly) {
      return;
    }
    endStep(shared);
    shared.insertCell(index, { cell_type: 'code', source, metadata: { trusted: true } });
    endStep(shared);
    if (isWaitedFor) {
      content.deselectAll();
      content.activeCellIndex = index;
      content.mode = 'edit';
      void content.widgets[index]?.ready.then(() => content.widgets[index]?.editor?.focus());
    }
  }

  private _leave(): void {
    const { cell, notebook } = this._options;
    this.dispose();
    notebook.content.activeCellIndex = notebook.content.widgets.indexOf(cell);
    cell.node.focus();
  }

  private _header(): HTMLElement {
    const { trans } = this._options.starcoder;
    const header = document.createElement('div');
    const title = document.createElement('span');
    header.className = 'jp-Starcoder-header';
    title.className = 'jp-Starcoder-title';
    title.append(
      newCellIcon.element({ tag: 'span', stylesheet: 'menuItem' }),
      trans.__('New cell')
    );
    this._note.className = 'jp-Starcoder-note';
    this._note.setAttribute('role', 'status');
    this._alert.className = 'jp-Starcoder-error';
    this._alert.setAttribute('role', 'alert');
    header.append(title, this._note, this._stop, this._insert, this._again, this._close);
    return header;
  }

  private readonly _options: Options;
  private readonly _writing = new Writing();
  private readonly _editor: CodeEditorWrapper;
  private readonly _note = document.createElement('span');
  private readonly _alert = document.createElement('div');
  private readonly _stop: HTMLButtonElement;
  private readonly _insert: HTMLButtonElement;
  private readonly _again: HTMLButtonElement;
  private readonly _close: HTMLButtonElement;
}
