import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import type { AnswerEvent } from '../server/api';
import type { SubjectKind, WireTurn } from '../wire';
import { button, textInput } from '../writing/controls';
import { ownKeys } from '../writing/keys';
import { Writing, isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import { keepEndInView } from './follow';
import { GrowingMarkdown } from './markdown';

/** Asks for the next answer to what was said so far. */
export type AskFurther = (
  turns: readonly WireTurn[],
  signal: AbortSignal
) => AsyncIterable<AnswerEvent>;

/** An explanation while it is written, and after that: its text, questions about it, and buttons to stop and close. */
export class ExplanationPanel extends Panel {
  constructor(options: {
    rendermime: IRenderMimeRegistry;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    super();
    this._trans = options.trans;
    this._rendermime = options.rendermime;
    const { trans } = options;
    this._stop = button(trans.__('Stop'), () => this._writing.stop());
    this._close = button(trans.__('Close'), () => this.dispose());
    this._question = textInput(trans.__('Ask about this explanation'));
    this.addClass('jp-Starcoder-explanation');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Explanation of the cell'));
    ownKeys(this.node, { Escape: () => this.dispose() });
    this._writing.changed.connect((_, written) => this._show(written));
    this._said.addClass('jp-Starcoder-said');
    this.addWidget(new Widget({ node: this._header(options.icon) }));
    this.addWidget(this._said);
    this.addWidget(new Widget({ node: this._error }));
    this.addWidget(new Widget({ node: this._form }));
  }

  /** Shows an explanation from its beginning; one that is still being written ends. */
  async write(subject: SubjectKind, ask: AskFurther): Promise<void> {
    this._ask = ask;
    this._turns = [];
    [...this._said.widgets].forEach(widget => widget.dispose());
    this._title.textContent = this._titleOf(subject);
    await this._answer(this._turns);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._writing.dispose();
    this._unfollow();
    super.dispose();
  }

  protected onAfterAttach(): void {
    this.node.scrollIntoView({ block: 'nearest' });
    this._unfollow = keepEndInView(this.node);
  }

  protected onBeforeDetach(): void {
    this._unfollow();
  }

  /** Asks what stands in the line for a question; where no answer comes, the question stands there again. */
  private async _askFurther(): Promise<void> {
    const text = this._question.value.trim();
    const isBusy = this.node.getAttribute('aria-busy') === 'true';
    if (!text || isBusy || !this._turns.length) {
      return;
    }
    const node = document.createElement('p');
    node.className = 'jp-Starcoder-question';
    node.textContent = text;
    const question = new Widget({ node });
    this._said.addWidget(question);
    this._question.value = '';
    const before = this._said.widgets.length;
    const turns = this._turns;
    const written = await this._answer([...turns, { speaker: 'person', text }]);
    if (written && this._turns === turns && !this.isDisposed) {
      [question, ...this._said.widgets.slice(before)].forEach(widget => widget.dispose());
      this._question.value ||= text;
    }
  }

  private async _answer(turns: readonly WireTurn[]): Promise<Written | null> {
    const { _ask } = this;
    if (!_ask) {
      return null;
    }
    this._markdown = new GrowingMarkdown(this._rendermime);
    this._said.addWidget(this._markdown.widget);
    const written = await this._writing.read(signal => _ask(turns, signal));
    if (written && !written.failure && written.text.trim()) {
      this._turns = [...turns, { speaker: 'assistant', text: written.text }];
      this._form.hidden = false;
      this._markLeftOut(written.leftOutTurns);
    }
    return written;
  }

  /** Draws a line below the oldest turns, which the last answer does not know of. */
  private _markLeftOut(turns: number): void {
    this._leftOut?.dispose();
    this._leftOut = null;
    if (turns) {
      const node = document.createElement('p');
      node.className = 'jp-Starcoder-leftOut';
      node.textContent = this._trans.__(
        'What stands above this line had no room in the last question.'
      );
      this._leftOut = new Widget({ node });
      this._said.insertWidget(turns, this._leftOut);
    }
  }

  private _show(written: Written): void {
    if (this.isDisposed) {
      return;
    }
    const isBusy = isRunning(written);
    this.node.dataset.state = written.state;
    this.node.setAttribute('aria-busy', String(isBusy));
    this._note.textContent = this._noteOf(written);
    if (!isBusy && this._stop === document.activeElement) {
      // A button that goes away must not take the keyboard's place with it.
      this._close.focus();
    }
    this._stop.hidden = !isBusy;
    this._form.hidden = !this._turns.length;
    this._error.hidden = written.state !== 'failed';
    this._error.textContent = written.failure?.message ?? '';
    this._markdown?.show(written.text);
  }

  private _noteOf({ state, text }: Written): string {
    switch (state) {
      case 'waiting':
      case 'writing':
        return this._trans.__('Explaining…');
      case 'done':
        return text.trim() ? '' : this._trans.__('The model had nothing to say.');
      case 'cut':
        return this._trans.__('Ended at the longest length of an answer');
      case 'stopped':
        return this._trans.__('Stopped');
      case 'failed':
        return this._trans.__('Failed');
    }
  }

  private _titleOf(subject: SubjectKind): string {
    switch (subject) {
      case 'cell':
        return this._trans.__('Explanation');
      case 'selection':
        return this._trans.__('Explanation of the selection');
      case 'output':
        return this._trans.__('Explanation of the output');
      case 'error':
        return this._trans.__('Explanation of the error');
    }
  }

  private _header(icon: LabIcon): HTMLElement {
    const header = document.createElement('div');
    const title = document.createElement('span');
    header.className = 'jp-Starcoder-explanationHeader';
    title.className = 'jp-Starcoder-explanationTitle';
    title.append(icon.element({ tag: 'span', stylesheet: 'menuItem' }), this._title);
    this._note.className = 'jp-Starcoder-explanationNote';
    this._note.setAttribute('role', 'status');
    this._error.className = 'jp-Starcoder-explanationError';
    this._error.setAttribute('role', 'alert');
    this._error.hidden = true;
    this._form.className = 'jp-Starcoder-form';
    this._form.hidden = true;
    this._form.append(
      this._question,
      button(this._trans.__('Ask'), () => void this._askFurther())
    );
    this._question.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.isComposing) {
        void this._askFurther();
      }
    });
    header.append(title, this._note, this._stop, this._close);
    return header;
  }

  private readonly _trans: TranslationBundle;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _writing = new Writing();
  private readonly _said = new Panel();
  private readonly _title = document.createElement('span');
  private readonly _note = document.createElement('span');
  private readonly _error = document.createElement('div');
  private readonly _form = document.createElement('div');
  private readonly _question: HTMLInputElement;
  private readonly _stop: HTMLButtonElement;
  private readonly _close: HTMLButtonElement;
  private _markdown: GrowingMarkdown | null = null;
  private _leftOut: Widget | null = null;
  private _ask: AskFurther | null = null;
  /** What was said, with the answers that came. */
  private _turns: readonly WireTurn[] = [];
  private _unfollow: () => void = () => undefined;
}
