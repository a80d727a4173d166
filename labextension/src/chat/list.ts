import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import type { Dialogue } from './dialogue';
import { firstRemembered } from './entry';
import { ExchangeView } from './exchange';

/** So near to its end, somebody reads along. */
const NEAR_PX = 40;

/** What was said in a conversation, from its beginning; the end stays in view while somebody reads there. */
export class ExchangeList extends Panel {
  constructor(
    private readonly _options: { rendermime: IRenderMimeRegistry; trans: TranslationBundle }
  ) {
    super();
    this.addClass('jp-Starcoder-exchanges');
    // A list that scrolls has to be reached from the keyboard.
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _options.trans.__('Conversation'));
    this._mark.addClass('jp-Starcoder-mark');
    this._mark.node.setAttribute('role', 'note');
    this._mark.node.textContent = _options.trans.__(
      'The model no longer knows what stands above: it had no room.'
    );
    this.node.addEventListener('scroll', () => {
      this._isAtEnd = this._below() < NEAR_PX;
    });
    this._grown = new ResizeObserver(() => this._keepUp());
  }

  /** Shows a conversation as it stands; another one than before is shown from its end. */
  display(dialogue: Dialogue): void {
    const { entries } = dialogue;
    // What was said in another page may stand before what was said here.
    const hasTurned = [...this._views.keys()].some((key, index) => entries[index]?.key !== key);
    if (this._dialogue !== dialogue || hasTurned) {
      this._dialogue = dialogue;
      this._isAtEnd = true;
      this._views.forEach(view => view.dispose());
      this._views.clear();
    }
    entries.forEach((entry, index) => {
      this._viewOf(dialogue, index).display(entry, index === entries.length - 1);
    });
    this._placeMark(firstRemembered(entries));
    this._keepUp();
  }

  dispose(): void {
    this._grown.disconnect();
    super.dispose();
  }

  private _viewOf(dialogue: Dialogue, index: number): ExchangeView {
    const entry = dialogue.entries[index];
    const known = this._views.get(entry.key);
    if (known) {
      return known;
    }
    const view = new ExchangeView({ ...this._options, entry, again: () => void dialogue.again() });
    this._views.set(entry.key, view);
    this.addWidget(view);
    this._grown.observe(view.node);
    this._isAtEnd = true;
    return view;
  }

  private _placeMark(index: number): void {
    const key = this._dialogue?.entries[index]?.key;
    const view = index > 0 && key ? this._views.get(key) : undefined;
    if (view) {
      this.insertWidget(
        this.widgets.filter(widget => widget !== this._mark).indexOf(view),
        this._mark
      );
    } else {
      this._mark.parent = null;
    }
  }

  private _keepUp(): void {
    if (this._isAtEnd) {
      this.node.scrollTop = this.node.scrollHeight;
    }
  }

  private _below(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight;
  }

  private readonly _views = new Map<string, ExchangeView>();
  private readonly _mark = new Widget();
  private readonly _grown: ResizeObserver;
  private _dialogue: Dialogue | null = null;
  private _isAtEnd = true;
}
