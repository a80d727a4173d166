import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import type { AnswerEvent } from '../server/api';
import { Failure } from '../server/failure';
import type { Finish } from '../wire';
import { keepEndInView } from './follow';
import { GrowingMarkdown } from './markdown';

type State = 'waiting' | 'writing' | 'done' | 'cut' | 'stopped' | 'failed';

/** An explanation while it is written, and after that: its text, how it stands, and buttons to stop and to close it. */
export class ExplanationPanel extends Panel {
  constructor(options: {
    rendermime: IRenderMimeRegistry;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    super();
    this._trans = options.trans;
    this._markdown = new GrowingMarkdown(options.rendermime);
    this.addClass('jp-Starcoder-explanation');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this._trans.__('Explanation of the cell'));
    // Keys pressed on our buttons are ours, not shortcuts of the notebook.
    this.node.dataset.lmSuppressShortcuts = 'true';
    this.node.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        this.dispose();
      }
    });
    this._stop.addEventListener('click', () => this._work.abort());
    this._close.addEventListener('click', () => this.dispose());
    this._stop.textContent = this._trans.__('Stop');
    this._close.textContent = this._trans.__('Close');
    this.addWidget(new Widget({ node: this._header(options.icon) }));
    this.addWidget(this._markdown.widget);
    this.addWidget(new Widget({ node: this._error }));
  }

  /**
   * Shows an answer from its beginning; one that is still being written ends.
   *
   * @param ask - asks for the answer, until the signal says that nobody reads it any more.
   */
  async write(ask: (signal: AbortSignal) => AsyncIterable<AnswerEvent>): Promise<void> {
    this._work.abort();
    const { signal } = (this._work = new AbortController());
    let text = '';
    this._show('waiting', text);
    try {
      for await (const event of ask(signal)) {
        if (signal.aborted) {
          break;
        }
        if (event.type === 'text') {
          text += event.text;
          this._show('writing', text);
        } else {
          this._show(ending(event.finish), text);
        }
      }
    } catch (reason) {
      if (!signal.aborted) {
        this._error.textContent = Failure.of(reason).message;
        this._show('failed', text);
      }
    }
    if (signal.aborted && this._work.signal === signal) {
      this._show('stopped', text);
    }
  }

  dispose(): void {
    this._work.abort();
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

  private _show(state: State, text: string): void {
    if (this.isDisposed) {
      return;
    }
    const isRunning = state === 'waiting' || state === 'writing';
    this.node.dataset.state = state;
    this.node.setAttribute('aria-busy', String(isRunning));
    this._note.textContent = this._noteOf(state, text);
    if (this._stop.hidden !== !isRunning && this._stop === document.activeElement) {
      // A button that goes away must not take the keyboard's place with it.
      this._close.focus();
    }
    this._stop.hidden = !isRunning;
    this._error.hidden = state !== 'failed';
    this._markdown.show(text);
  }

  private _noteOf(state: State, text: string): string {
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

  private _header(icon: LabIcon): HTMLElement {
    const header = document.createElement('div');
    const title = document.createElement('span');
    header.className = 'jp-Starcoder-explanationHeader';
    title.className = 'jp-Starcoder-explanationTitle';
    title.append(
      icon.element({ tag: 'span', stylesheet: 'menuItem' }),
      this._trans.__('Explanation')
    );
    this._note.className = 'jp-Starcoder-explanationNote';
    this._note.setAttribute('role', 'status');
    this._error.className = 'jp-Starcoder-explanationError';
    this._error.setAttribute('role', 'alert');
    this._error.hidden = true;
    for (const button of [this._stop, this._close]) {
      button.type = 'button';
      button.className = 'jp-Starcoder-button';
    }
    header.append(title, this._note, this._stop, this._close);
    return header;
  }

  private readonly _trans: TranslationBundle;
  private readonly _markdown: GrowingMarkdown;
  private readonly _note = document.createElement('span');
  private readonly _error = document.createElement('div');
  private readonly _stop = document.createElement('button');
  private readonly _close = document.createElement('button');
  private _work = new AbortController();
  private _unfollow: () => void = () => undefined;
}

function ending(finish: Finish): State {
  return finish === 'length' ? 'cut' : finish === 'stop' ? 'done' : 'stopped';
}
