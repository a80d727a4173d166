import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Failure } from '../server/failure';
import type { DiffView } from './diff';

/** On a cell that shows a diff in place of its editor. */
const OPEN_CLASS = 'jp-mod-starcoderProposal';

/** The place of a diff, and what it needs. */
interface Options {
  readonly cell: CodeCell;
  readonly notebook: NotebookPanel;
  readonly trans: TranslationBundle;
}

/**
 * What a cell is to become, shown as a diff in the place of its editor.
 *
 * The cell keeps its text: where that is changed meanwhile, the diff follows as long as nobody changed the same lines.
 */
export class DiffPane {
  constructor(private readonly _options: Options) {}

  /** Emitted when other changes are shown than before. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Where the diff is shown; null where none is. */
  get node(): HTMLElement | null {
    return this._diff?.node ?? null;
  }

  /** What the cell is to become, without what was rejected; null where nothing is shown. */
  get text(): string | null {
    return this._diff?.text ?? null;
  }

  /** How many changes are neither accepted nor rejected. */
  get undecided(): number {
    return this._diff?.undecided ?? 0;
  }

  /** The cell's own text. */
  get source(): string {
    return this._options.cell.model.sharedModel.getSource();
  }

  /** Fetches what a diff is made with: pages that never show one do without. */
  async load(): Promise<void> {
    try {
      this._room ??= await import('./diff');
    } catch {
      throw Failure.unreachable(this._options.trans);
    }
  }

  /** Shows what a text of the cell is to become; whether it can be shown for the text of now. */
  show(original: string, text: string): boolean {
    const { source } = this;
    const shown = this._room?.rebased(original, text, source) ?? null;
    if (shown !== null) {
      this._diff ??= this._open();
      this._diff?.showPair(source, shown);
      this._shownFor = source;
    }
    return shown !== null;
  }

  /** Keeps what was decided for the text of now; whether it can be kept. */
  follow(): boolean {
    if (!this._diff || !this._room) {
      return true;
    }
    const { source } = this;
    const original = this._room.rebased(this._shownFor, this._diff.original, source);
    const text = this._room.rebased(this._shownFor, this._diff.text, source);
    if (original === null || text === null) {
      return false;
    }
    this._diff.showPair(original, text);
    this._shownFor = source;
    return true;
  }

  /** Puts the keyboard's place on the first change that is left to decide. */
  focusNext(): void {
    this._diff?.focusNext();
  }

  /** Shows the cell's editor again. */
  close(): void {
    if (this._diff) {
      const { cell } = this._options;
      cell.inputArea?.showEditor();
      cell.removeClass(OPEN_CLASS);
      this._diff.dispose();
      this._diff = null;
    }
  }

  dispose(): void {
    this.close();
    Signal.clearData(this);
  }

  private _open(): DiffView | null {
    const { cell, notebook, trans } = this._options;
    if (!this._room || !cell.inputArea) {
      return null;
    }
    cell.inputHidden = false;
    const diff = new this._room.DiffView({
      factory: notebook.content.contentFactory.editorFactory,
      mimeType: cell.model.mimeType,
      config: cell.editorConfig,
      original: this.source,
      trans
    });
    diff.changed.connect(() => {
      // Not at once: CodeMirror is in the middle of its change.
      setTimeout(() => {
        if (!diff.isDisposed) {
          this._changed.emit();
        }
      });
    });
    cell.inputArea.renderInput(diff);
    cell.addClass(OPEN_CLASS);
    return diff;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _room: typeof import('./diff') | null = null;
  private _diff: DiffView | null = null;
  /** The cell's text that the diff is shown for. */
  private _shownFor = '';
}
