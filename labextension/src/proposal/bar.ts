import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { starcoderIcon } from '../icon';
import { button, textInput } from '../writing/controls';

/** "asking": there is nothing to decide on, be it for the first time or after a failure. */
export type BarState = 'asking' | 'writing' | 'deciding';

/** What a person can do in the bar. */
export interface BarActions {
  /** Enter in the line for the instruction, or the button beside it. */
  submit(): void;
  accept(): void;
  stop(): void;
  discard(): void;
}

/** The bar over a cell: what is to change, how the proposal stands, and what to do with it. */
export class ProposalBar extends Widget {
  constructor({ trans, actions }: { trans: TranslationBundle; actions: BarActions }) {
    super();
    this._trans = trans;
    this.addClass('jp-Starcoder-bar');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('Edit of the cell'));
    this._input = textInput(trans.__('What should change in this cell?'));
    this._ask = button(trans.__('Ask'), () => actions.submit());
    this._accept = button(trans.__('Accept all'), () => actions.accept());
    this._accept.title = trans.__('Ctrl+Enter');
    this._stop = button(trans.__('Stop'), () => actions.stop());
    this._discard = button('', () => actions.discard(), trans.__('Escape'));
    this._input.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.isComposing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        actions.submit();
      }
    });
    this._status.className = 'jp-Starcoder-note';
    this._status.setAttribute('role', 'status');
    this._alert.className = 'jp-Starcoder-error';
    this._alert.setAttribute('role', 'alert');
    this.node.append(this._line(), this._status, this._alert);
    this.tell('asking');
  }

  get instruction(): string {
    return this._input.value.trim();
  }

  /** Says how things stand. */
  tell(state: BarState, status = '', error = ''): void {
    const isWriting = state === 'writing';
    const held = document.activeElement;
    this.node.dataset.state = state;
    this.node.setAttribute('aria-busy', String(isWriting));
    this._status.textContent = status;
    this._alert.textContent = error;
    this._stop.hidden = !isWriting;
    this._accept.hidden = state !== 'deciding';
    this._discard.textContent =
      state === 'deciding' ? this._trans.__('Discard') : this._trans.__('Close');
    if (held instanceof HTMLElement && held.hidden && this.node.contains(held)) {
      // A button that goes away must not take the keyboard's place with it.
      this.focus();
    }
  }

  focus(): void {
    this._input.focus();
    this._input.select();
  }

  private _line(): HTMLElement {
    const line = document.createElement('div');
    line.className = 'jp-Starcoder-barLine';
    line.append(
      starcoderIcon.element({ tag: 'span', stylesheet: 'menuItem' }),
      this._input,
      this._ask,
      this._accept,
      this._stop,
      this._discard
    );
    return line;
  }

  private readonly _trans: TranslationBundle;
  private readonly _input: HTMLInputElement;
  private readonly _ask: HTMLButtonElement;
  private readonly _accept: HTMLButtonElement;
  private readonly _stop: HTMLButtonElement;
  private readonly _discard: HTMLButtonElement;
  private readonly _status = document.createElement('div');
  private readonly _alert = document.createElement('div');
}
