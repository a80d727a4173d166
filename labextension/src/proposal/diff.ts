import {
  getChunks,
  getOriginalDoc,
  originalDocChangeEffect,
  unifiedMergeView
} from '@codemirror/merge';
import { ChangeSet, StateEffect } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { CodeEditor, CodeEditorWrapper } from '@jupyterlab/codeeditor';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { spanBetween } from '../document/step';
import { button } from '../writing/controls';

export { rebased } from './rebase';

/** A text and what it is to become, in an editor of its own, with buttons at each change. Nobody types in it. */
export class DiffView extends CodeEditorWrapper {
  constructor(options: {
    factory: CodeEditor.Factory;
    mimeType: string;
    config: Record<string, unknown>;
    original: string;
    trans: TranslationBundle;
  }) {
    const { factory, mimeType, config, original, trans } = options;
    const model = new CodeEditor.Model({ mimeType });
    model.sharedModel.setSource(original);
    super({
      factory,
      model,
      editorOptions: {
        config: { ...config, readOnly: true },
        extensions: [
          unifiedMergeView({ original, mergeControls: controlsOf(trans) }),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ 'aria-label': trans.__('Proposed code') })
        ]
      }
    });
    this.addClass('jp-Starcoder-diff');
    this.addClass('jp-InputArea-editor');
    this._view = (this.editor as CodeMirrorEditor).editor;
    const listener = EditorView.updateListener.of(({ startState, state }) => {
      if (getChunks(startState)?.chunks !== getChunks(state)?.chunks) {
        this._changed.emit();
      }
    });
    this._view.dispatch({ effects: StateEffect.appendConfig.of(listener) });
  }

  /** Emitted when other changes are shown than before. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the text was, with what was accepted. */
  get original(): string {
    return getOriginalDoc(this._view.state).toString();
  }

  /** What the text is to become, without what was rejected. */
  get text(): string {
    return this._view.state.doc.toString();
  }

  /** How many changes are neither accepted nor rejected. */
  get undecided(): number {
    return getChunks(this._view.state)?.chunks.length ?? 0;
  }

  /** Puts the keyboard's place on the first change that is left to decide. */
  focusNext(): void {
    this.node.querySelector<HTMLElement>('.cm-chunkButtons button')?.focus();
  }

  /** Shows another pair of texts. */
  showPair(original: string, text: string): void {
    const { state } = this._view;
    const before = getOriginalDoc(state);
    const changes = ChangeSet.of(
      spanBetween(before.toString(), original),
      before.length,
      state.lineBreak
    );
    this._view.dispatch({
      changes: spanBetween(state.doc.toString(), text),
      effects: changes.empty ? [] : originalDocChangeEffect(state, changes)
    });
  }

  dispose(): void {
    if (!this.isDisposed) {
      const { model } = this;
      super.dispose();
      model.dispose();
      Signal.clearData(this);
    }
  }

  private readonly _view: EditorView;
  private readonly _changed = new Signal<this, void>(this);
}

/** CodeMirror's own buttons cannot be reached with the keyboard. */
function controlsOf(trans: TranslationBundle) {
  return (type: 'accept' | 'reject', act: (event: MouseEvent) => void): HTMLElement => {
    const [label, title] =
      type === 'accept'
        ? [trans.__('Accept'), trans.__('Accept this change')]
        : [trans.__('Reject'), trans.__('Reject this change')];
    const control = button(label, act, title);
    control.setAttribute('aria-label', title);
    return control;
  };
}
