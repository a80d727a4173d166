import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { WireAttachment } from '../wire';
import { button } from '../writing/controls';
import { Chips } from './chips';

/** A question that is not asked yet. */
export interface Draft {
  readonly question: string;
  readonly attachments: readonly WireAttachment[];
}

/** Where a question is written: the text, what goes with it, and buttons to send it and to stop the answer. */
export class Composer extends Widget {
  constructor(
    private readonly _options: {
      trans: TranslationBundle;
      send: () => void;
      stop: () => void;
      /** Lets something be chosen that goes with the question, in a menu at a button. */
      choose: (at: HTMLElement) => void;
    }
  ) {
    super();
    const { trans, send, stop, choose } = _options;
    this._chips = new Chips(trans, () => this.focus());
    this._send = button(trans.__('Send'), send);
    this._stop = button(trans.__('Stop'), stop);
    const add = button(
      trans.__('Add context'),
      () => choose(add),
      trans.__('Send this cell, a selection, an error or a frame with the question')
    );
    add.setAttribute('aria-haspopup', 'menu');
    this._stop.hidden = true;
    this.addClass('jp-Starcoder-composer');
    const line = document.createElement('div');
    line.className = 'jp-Starcoder-composerLine';
    line.append(add, this._stop, this._send);
    this.node.append(this._chips.node, this._text, line);
    this._prepareText();
  }

  get draft(): Draft {
    return { question: this._text.value, attachments: this._chips.all };
  }

  set draft({ question, attachments }: Draft) {
    this._text.value = question;
    this._chips.all = attachments;
    this._fit();
  }

  /** What the text could be, while there is none. */
  set hint(text: string) {
    this._text.placeholder = text;
  }

  attach(attachment: WireAttachment): void {
    this._chips.add(attachment);
  }

  focus(): void {
    this._text.focus();
  }

  /** While an answer is written, it can be stopped; the next question can be typed, and waits. */
  setBusy(isBusy: boolean): void {
    const leaving = isBusy ? this._send : this._stop;
    const isHeld = document.activeElement === leaving;
    this._stop.hidden = !isBusy;
    this._send.hidden = isBusy;
    if (isHeld) {
      // A button that goes away must not take the keyboard's place with it.
      this.focus();
    }
  }

  private _prepareText(): void {
    const { trans, send, stop } = this._options;
    this._text.className = 'jp-Starcoder-composerText jp-mod-styled';
    this._text.rows = 2;
    this._text.setAttribute('aria-label', trans.__('Question'));
    this._text.title = trans.__('Enter sends, Shift+Enter begins a new line, Escape stops');
    this._text.addEventListener('input', () => this._fit());
    this._text.addEventListener('keydown', event => {
      if (event.isComposing) {
        return;
      }
      if (event.key === 'Enter' && !event.shiftKey) {
        event.preventDefault();
        send();
      } else if (event.key === 'Escape') {
        stop();
      }
    });
  }

  /** As high as its text, up to what the style allows. */
  private _fit(): void {
    this._text.style.height = 'auto';
    this._text.style.height = `${this._text.scrollHeight + 2}px`;
  }

  private readonly _chips: Chips;
  private readonly _text = document.createElement('textarea');
  private readonly _send: HTMLButtonElement;
  private readonly _stop: HTMLButtonElement;
}
