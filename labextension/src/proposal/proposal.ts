import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Panel } from '@lumino/widgets';
import type { PanelLayout } from '@lumino/widgets';

import { replaceInOneStep } from '../document/step';
import type { IStarcoder } from '../services';
import type { AnswerEvent } from '../server/api';
import type { Page } from '../server/requests';
import { ownKeys } from '../writing/keys';
import { Writing, isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import { ProposalBar } from './bar';
import { DiffPane } from './pane';
import { soFar, wholeLines } from './preview';
import { spanOf } from './span';

/** Asks for the cell's new text, about the notebook as it stands. */
export type AskAbout = (page: Page, signal: AbortSignal) => AsyncIterable<AnswerEvent>;

/** The place of a proposal, and what it needs. */
interface Options {
  readonly cell: CodeCell;
  readonly notebook: NotebookPanel;
  readonly starcoder: IStarcoder;
}

/**
 * A new text for a cell, from the instruction to the decision.
 *
 * The cell itself keeps its text until the whole is accepted: what is shown stands in an editor of its own in the
 * cell's place. So saving, running, closing and what others type can never meet half of a proposal.
 */
export class Proposal extends Panel {
  /** The proposal that is open for a cell, or a new one. */
  static over(options: Options): Proposal {
    const layout = options.cell.layout as PanelLayout;
    const open = layout.widgets.find(widget => widget instanceof Proposal);
    if (open) {
      return open;
    }
    const proposal = new Proposal(options);
    // Below the cell's own header, above its input. The cell disposes of it with itself.
    layout.insertWidget(1, proposal);
    return proposal;
  }

  constructor(options: Options) {
    super();
    this._options = options;
    this.addClass('jp-Starcoder-proposal');
    const { cell, notebook } = options;
    const { trans } = options.starcoder;
    this._pane = new DiffPane({ cell, notebook, trans });
    this._bar = new ProposalBar({
      trans,
      actions: {
        submit: () => this._submit(),
        accept: () => this._accept(),
        stop: () => this._writing.stop(),
        discard: () => this._close()
      }
    });
    this.addWidget(this._bar);
    this._keep(this.node);
    this._pane.changed.connect(() => this._isDeciding && this._onDecision());
    this._writing.changed.connect((_, written) => this._onWritten(written));
    cell.model.sharedModel.changed.connect(this._onCellChanged, this);
    notebook.disposed.connect(this.dispose, this);
  }

  /** Puts the cursor into the line for the instruction. */
  focus(): void {
    this._bar.focus();
  }

  /** Has a new text written and shown; what was shown before goes. */
  async write(ask: AskAbout): Promise<void> {
    this._ask = ask;
    this._askedWith = this._bar.instruction;
    this._hideDiff();
    const written = await this._writing.read(signal => this._answer(ask, signal));
    if (written) {
      this._conclude(written);
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._writing.dispose();
      // Where the cell goes, its model has gone already.
      this._options.cell.model?.sharedModel.changed.disconnect(this._onCellChanged, this);
      this._hideDiff();
      this._pane.dispose();
      super.dispose();
    }
  }

  private async *_answer(ask: AskAbout, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const { cell, notebook, starcoder } = this._options;
    await this._pane.load();
    this._original = this._pane.source;
    const page = starcoder.reader.read(notebook, notebook.content.widgets.indexOf(cell));
    yield* ask(page, signal);
  }

  private _submit(): void {
    const { instruction } = this._bar;
    const isNew = instruction !== this._askedWith;
    if (this._isDeciding && !isNew) {
      this._accept();
    } else if (instruction && (isNew || !this._isWriting)) {
      const { cell, starcoder } = this._options;
      const question = { instruction, ...spanOf(cell) };
      void this.write((page, signal) => starcoder.requests.ask('edit', page, question, signal));
    } else if (this._ask && !this._isWriting) {
      void this.write(this._ask);
    }
  }

  private _onWritten(written: Written): void {
    if (!isRunning(written)) {
      return;
    }
    this._isWriting = true;
    this._bar.tell('writing', this._options.starcoder.trans.__('Writing…'));
    this._text = written.text;
    // Words come quicker than they can be seen.
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      if (this._isWriting && this._text) {
        this._show(soFar(this._original, this._text));
      }
    });
  }

  private _conclude({ state, text, failure }: Written): void {
    const { trans } = this._options.starcoder;
    const isWhole = state === 'done';
    const shown = isWhole ? text : soFar(this._original, wholeLines(text));
    this._isWriting = false;
    this._note = state === 'stopped' ? trans.__('Stopped: what follows is as it was.') : '';
    this._warning =
      state === 'cut'
        ? trans.__(
            'Not all of it: the answer came to its longest length, and what follows is as it was.'
          )
        : '';
    if (failure) {
      this._giveUp('', failure.message);
    } else if (isWhole && !text.trim()) {
      this._giveUp(trans.__('The model had nothing to write.'));
    } else if (!isWhole && shown === this._original) {
      // It ended before any line that is new was whole.
      this._giveUp(state === 'stopped' ? trans.__('Stopped') : '', this._warning);
    } else if (this._show(shown)) {
      this._isDeciding = true;
      this._pane.node?.removeAttribute('data-writing');
      this._onDecision();
    }
  }

  /** Shows what the cell would be; whether that still can be. */
  private _show(text: string): boolean {
    const before = this._pane.node;
    if (!this._pane.show(this._original, text)) {
      this._outdate();
      return false;
    }
    const { node } = this._pane;
    if (node && node !== before) {
      node.toggleAttribute('data-writing', this._isWriting);
      this._keep(node);
    }
    return true;
  }

  /** Says what is left to decide; with nothing left, all is decided. */
  private _onDecision(): void {
    const { trans } = this._options.starcoder;
    const { undecided, text, source } = this._pane;
    if (undecided) {
      const count = trans._n('%1 change.', '%1 changes.', undecided, undecided);
      const meanwhile = trans.__('Until it is accepted, the cell runs and is saved as it was.');
      const status = [this._note, count, meanwhile].filter(Boolean).join(' ');
      this._bar.tell('deciding', status, this._warning);
      if (document.activeElement === document.body) {
        // The button that was pressed is gone.
        this._pane.focusNext();
      }
    } else if (text === source && !this._hasDecided) {
      this._giveUp(trans.__('The model would leave the cell as it is.'));
    } else {
      this._accept();
    }
    this._hasDecided = true;
  }

  private _onCellChanged(_: unknown, change: { sourceChange?: unknown }): void {
    if (!change.sourceChange || !this._pane.node) {
      return;
    }
    if (this._isWriting) {
      this._show(soFar(this._original, this._text));
    } else if (this._isDeciding && !this._pane.follow()) {
      this._outdate();
    }
  }

  private _outdate(): void {
    this._writing.drop();
    this._giveUp(
      '',
      this._options.starcoder.trans.__(
        'The cell was changed meanwhile in lines that this would change: ask again.'
      )
    );
  }

  private _giveUp(status: string, error = ''): void {
    this._hideDiff();
    this._bar.tell('asking', status, error);
  }

  private _accept(): void {
    const { text } = this._pane;
    if (text === null || !this._isDeciding) {
      return;
    }
    const { sharedModel } = this._options.cell.model;
    this.dispose();
    if (text !== sharedModel.getSource()) {
      // Before the cell has the cursor: there it would be typing, and a suggestion asked for.
      replaceInOneStep(sharedModel, text);
    }
    this._goBack();
  }

  /** Leaves the cell as it is and goes back to it. */
  private _close(): void {
    this.dispose();
    this._goBack();
  }

  private _goBack(): void {
    const { cell, notebook } = this._options;
    notebook.content.activeCellIndex = notebook.content.widgets.indexOf(cell);
    notebook.content.mode = 'edit';
    cell.editor?.focus();
  }

  private _hideDiff(): void {
    this._isWriting = false;
    this._isDeciding = false;
    this._hasDecided = false;
    this._pane.close();
  }

  private _keep(node: HTMLElement): void {
    ownKeys(node, {
      Escape: () => this._close(),
      'Accel Enter': () => (this._isDeciding ? this._accept() : this._submit())
    });
  }

  private readonly _options: Options;
  private readonly _bar: ProposalBar;
  private readonly _pane: DiffPane;
  private readonly _writing = new Writing();
  private _ask: AskAbout | null = null;
  /** The instruction that stood in the bar when it was asked for what is shown. */
  private _askedWith = '';
  /** The cell's text that the model was asked about, and what came so far. */
  private _original = '';
  private _text = '';
  /** What is to be known of an answer that is not whole. */
  private _note = '';
  private _warning = '';
  private _isWriting = false;
  private _isDeciding = false;
  private _hasDecided = false;
  private _frame = 0;
}
