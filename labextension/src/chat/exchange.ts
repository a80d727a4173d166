import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import { button } from '../writing/controls';
import { isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import { Answer } from './answer';
import { chip } from './chips';
import type { Entry } from './entry';

/** A question with its answer, as they are shown. */
export class ExchangeView extends Panel {
  constructor(options: {
    entry: Entry;
    rendermime: IRenderMimeRegistry;
    trans: TranslationBundle;
    again: () => void;
  }) {
    super();
    const { entry, rendermime, trans } = options;
    this._trans = trans;
    this._answer = new Answer(rendermime);
    this._again = button(trans.__('Answer again'), options.again);
    this.addClass('jp-Starcoder-exchange');
    this.addWidget(new Widget({ node: questionNode(entry, trans) }));
    this.addWidget(this._answer);
    this.addWidget(new Widget({ node: this._footer() }));
    this._answer.node.setAttribute('role', 'article');
    this._answer.node.setAttribute('aria-label', trans.__('Answer'));
  }

  /** Shows how the answer stands. Only the last question can be asked again. */
  display({ written, isOpen }: Entry, isLast: boolean): void {
    const isBusy = isRunning(written);
    this.node.dataset.state = written.state;
    this._answer.node.setAttribute('aria-busy', String(isBusy));
    this._answer.setHidden(!written.text);
    this._answer.display(written.text);
    this._note.textContent = isOpen
      ? this._trans.__('No answer yet: another page may be waiting for it.')
      : this._noteOf(written);
    this._alert.hidden = !written.failure;
    this._alert.textContent = written.failure?.message ?? '';
    this._again.hidden = isBusy || !isLast;
    this._again.textContent =
      written.state === 'failed' ? this._trans.__('Send again') : this._trans.__('Answer again');
  }

  private _noteOf({ state, text }: Written): string {
    switch (state) {
      case 'waiting':
        return this._trans.__('Thinking…');
      case 'writing':
        return '';
      case 'done':
        return text.trim() ? '' : this._trans.__('The model had nothing to say.');
      case 'cut':
        return this._trans.__('Ended at the longest length of an answer');
      case 'stopped':
        return this._trans.__('Stopped');
      case 'failed':
        return this._trans.__('The answer failed.');
    }
  }

  private _footer(): HTMLElement {
    const footer = document.createElement('div');
    const line = document.createElement('div');
    line.className = 'jp-Starcoder-exchangeFooter';
    this._note.className = 'jp-Starcoder-note';
    this._alert.className = 'jp-Starcoder-error';
    this._alert.setAttribute('role', 'alert');
    line.append(this._note, this._again);
    footer.append(this._alert, line);
    return footer;
  }

  private readonly _trans: TranslationBundle;
  private readonly _answer: Answer;
  private readonly _note = document.createElement('span');
  private readonly _alert = document.createElement('div');
  private readonly _again: HTMLButtonElement;
}

function questionNode({ question, attachments }: Entry, trans: TranslationBundle): HTMLElement {
  const node = document.createElement('div');
  const text = document.createElement('p');
  node.className = 'jp-Starcoder-chatQuestion';
  node.setAttribute('role', 'article');
  node.setAttribute('aria-label', trans.__('Question'));
  text.textContent = question;
  node.append(text);
  if (attachments.length) {
    const chips = document.createElement('div');
    chips.className = 'jp-Starcoder-chips';
    chips.append(...attachments.map(attachment => chip(attachment)));
    node.append(chips);
  }
  return node;
}
