import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { button } from '../writing/controls';
import type { Listed } from './shelf';

/** The conversations about a notebook: which one is open, and buttons to begin another one and to tidy up. */
export class History extends Widget {
  constructor(
    private readonly _options: {
      trans: TranslationBundle;
      open: (chat: string) => void;
      begin: () => void;
      /** Offers what can be done with the conversations, in a menu at a button. */
      more: (at: HTMLElement) => void;
    }
  ) {
    super();
    const { trans, open, begin, more } = _options;
    const tidy = button(
      '⋯',
      () => more(tidy),
      trans.__('Rename or delete this conversation, or delete all')
    );
    tidy.setAttribute('aria-haspopup', 'menu');
    tidy.setAttribute('aria-label', trans.__('More'));
    this.addClass('jp-Starcoder-history');
    this._select.className = 'jp-mod-styled';
    this._select.setAttribute('aria-label', trans.__('Conversations'));
    this._select.addEventListener('change', () => open(this._select.value));
    const line = document.createElement('div');
    line.className = 'jp-Starcoder-historyLine';
    line.append(
      this._select,
      button(trans.__('New'), begin, trans.__('Begin a new conversation')),
      tidy
    );
    this._notice.className = 'jp-Starcoder-note';
    this.node.append(line, this._notice);
  }

  /** Shows the conversations, with the open one chosen: an empty name for one that only begins. */
  display(chats: readonly Listed[], open: string): void {
    const { trans } = this._options;
    const options = chats
      .filter(({ id, title }) => title || id === open)
      .map(({ id, title }) => new Option(title || trans.__('New conversation'), id));
    if (!chats.some(({ id }) => id === open)) {
      options.unshift(new Option(trans.__('New conversation'), open));
    }
    const told = (of: Iterable<HTMLOptionElement>) =>
      JSON.stringify([...of].map(({ text, value }) => [text, value]));
    // A list that is rolled out stays as it is while nothing in it changes.
    if (told(options) !== told(this._select.options)) {
      this._select.replaceChildren(...options);
    }
    this._select.value = open;
  }

  /** Says what there is to know about the history; nothing where all is well. */
  set notice(text: string) {
    this._notice.textContent = text;
    this._notice.hidden = !text;
  }

  private readonly _select = document.createElement('select');
  private readonly _notice = document.createElement('div');
}
