import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Panel } from '@lumino/widgets';
import type { PanelLayout } from '@lumino/widgets';

import { replaceInOneStep } from '../document/step';
import type { IStarcoder } from '../services';
import type { AnswerEvent } from '../server/api';
import type { Page } from '../server/requests';
import { ownKeys } from '../writing/controls';
import { Writing, isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import { ProposalBar } from './bar';
import type { DiffView } from './diff';
import { soFar } from './preview';
import { spanOf } from './span';

/** On a cell that shows a proposal in place of its editor. */
const OPEN_CLASS = 'jp-mod-starcoderProposal';

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
    const { trans } = options.starcoder;
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
    this._writing.changed.connect((_, written) => this._onWritten(written));
    options.cell.model.sharedModel.changed.connect(this._onCellChanged, this);
    options.notebook.disposed.connect(this.dispose, this);
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
      super.dispose();
    }
  }

  private async *_answer(ask: AskAbout, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const { cell, notebook, starcoder } = this._options;
    this._diffs ??= await import('./diff');
    this._original = this._source;
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
    this._isWriting = false;
    if (failure) {
      this._giveUp('', failure.message);
    } else if (!text.trim()) {
      this._giveUp(
        state === 'stopped' ? trans.__('Stopped') : trans.__('The model had nothing to write.')
      );
    } else if (this._show(state === 'done' ? text : soFar(this._original, text))) {
      this._isDeciding = true;
      this._diff?.node.removeAttribute('data-writing');
      this._early =
        state === 'stopped'
          ? trans.__('Stopped: what follows is as it was.')
          : state === 'cut'
            ? trans.__('Ended at the longest length of an answer: what follows is as it was.')
            : '';
      this._onDecision();
    }
  }

  /** Shows what the cell would be; whether that still can be. */
  private _show(text: string): boolean {
    const now = this._source;
    const shown = this._diffs?.rebased(this._original, text, now) ?? null;
    if (shown === null) {
      this._outdate();
      return false;
    }
    this._diff ??= this._openDiff();
    this._diff?.showPair(now, shown);
    this._shownFor = now;
    return true;
  }

  private _openDiff(): DiffView | null {
    const { cell, notebook, starcoder } = this._options;
    if (!this._diffs || !cell.inputArea) {
      return null;
    }
    cell.inputHidden = false;
    const diff = new this._diffs.DiffView({
      factory: notebook.content.contentFactory.editorFactory,
      mimeType: cell.model.mimeType,
      config: cell.editorConfig,
      original: this._source,
      trans: starcoder.trans
    });
    diff.node.toggleAttribute('data-writing', this._isWriting);
    this._keep(diff.node);
    diff.changed.connect(() => {
      // Not at once: CodeMirror is in the middle of its change.
      setTimeout(() => this._isDeciding && !this.isDisposed && this._onDecision());
    });
    cell.inputArea.renderInput(diff);
    cell.addClass(OPEN_CLASS);
    return diff;
  }

  /** Says what is left to decide; with nothing left, all is decided. */
  private _onDecision(): void {
    const { trans } = this._options.starcoder;
    const undecided = this._diff?.undecided ?? 0;
    if (undecided) {
      const count = trans._n('%1 change.', '%1 changes.', undecided, undecided);
      const meanwhile = trans.__('Until it is accepted, the cell runs and is saved as it was.');
      this._bar.tell('deciding', [this._early, count, meanwhile].filter(Boolean).join(' '));
      if (document.activeElement === document.body) {
        // The button that was pressed is gone.
        this._diff?.focusNext();
      }
    } else if (this._diff?.text === this._source && !this._hasDecided) {
      this._giveUp(trans.__('The model would leave the cell as it is.'));
    } else {
      this._accept();
    }
    this._hasDecided = true;
  }

  private _onCellChanged(_: unknown, change: { sourceChange?: unknown }): void {
    if (!change.sourceChange || !this._diff || !this._diffs) {
      return;
    }
    if (this._isWriting) {
      this._show(soFar(this._original, this._text));
    } else if (this._isDeciding) {
      const { rebased } = this._diffs;
      const now = this._source;
      const original = rebased(this._shownFor, this._diff.original, now);
      const text = rebased(this._shownFor, this._diff.text, now);
      if (original === null || text === null) {
        this._outdate();
      } else {
        this._diff.showPair(original, text);
        this._shownFor = now;
      }
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
    if (!this._diff || !this._isDeciding) {
      return;
    }
    const { text } = this._diff;
    const { sharedModel } = this._options.cell.model;
    this._close();
    if (text !== sharedModel.getSource()) {
      replaceInOneStep(sharedModel, text);
    }
  }

  /** Leaves the cell as it is and goes back to it. */
  private _close(): void {
    const { cell, notebook } = this._options;
    this.dispose();
    notebook.content.activeCellIndex = notebook.content.widgets.indexOf(cell);
    notebook.content.mode = 'edit';
    cell.editor?.focus();
  }

  private _hideDiff(): void {
    this._isWriting = false;
    this._isDeciding = false;
    this._hasDecided = false;
    if (this._diff) {
      this._options.cell.inputArea?.showEditor();
      this._options.cell.removeClass(OPEN_CLASS);
      this._diff.dispose();
      this._diff = null;
    }
  }

  private _keep(node: HTMLElement): void {
    ownKeys(node, {
      Escape: () => this._close(),
      'Accel Enter': () => (this._isDeciding ? this._accept() : this._submit())
    });
  }

  private get _source(): string {
    return this._options.cell.model.sharedModel.getSource();
  }

  private readonly _options: Options;
  private readonly _bar: ProposalBar;
  private readonly _writing = new Writing();
  private _diffs: typeof import('./diff') | null = null;
  private _diff: DiffView | null = null;
  private _ask: AskAbout | null = null;
  /** The instruction that stood in the bar when it was asked for what is shown. */
  private _askedWith = '';
  /** The cell's text that the model was asked about, and what came so far. */
  private _original = '';
  private _text = '';
  /** The cell's text that the diff is shown for. */
  private _shownFor = '';
  private _early = '';
  private _isWriting = false;
  private _isDeciding = false;
  private _hasDecided = false;
  private _frame = 0;
}
