import type { TranslationBundle } from '@jupyterlab/translation';

import type { WireAttachment } from '../wire';

/** Something that lies beside a question, by its name; its text on pointing at it. */
export function chip({ kind, label, text }: WireAttachment): HTMLElement {
  const node = document.createElement('span');
  const name = document.createElement('span');
  node.className = 'jp-Starcoder-chip';
  node.dataset.kind = kind;
  node.title = text.slice(0, 500);
  name.className = 'jp-Starcoder-chipName';
  name.textContent = label;
  node.append(name);
  return node;
}

/** What lies beside the next question; everything can be taken away again. */
export class Chips {
  readonly node = document.createElement('ul');

  /**
   * @param _removed - is called when one was taken away, with the button that had the keyboard.
   */
  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _removed: () => void
  ) {
    this.node.className = 'jp-Starcoder-chips';
    this.node.setAttribute('aria-label', _trans.__('Goes with the question'));
    this._show();
  }

  get all(): readonly WireAttachment[] {
    return this._all;
  }

  set all(attachments: readonly WireAttachment[]) {
    this._all = attachments;
    this._show();
  }

  /** Adds one; one of the same name, which is older, goes. */
  add(added: WireAttachment): void {
    this.all = [
      ...this._all.filter(({ kind, label }) => kind !== added.kind || label !== added.label),
      added
    ];
  }

  private _show(): void {
    this.node.hidden = !this._all.length;
    this.node.replaceChildren(...this._all.map(attachment => this._item(attachment)));
  }

  private _item(attachment: WireAttachment): HTMLElement {
    const item = document.createElement('li');
    const node = chip(attachment);
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'jp-Starcoder-chipRemove';
    remove.textContent = '×';
    remove.setAttribute('aria-label', this._trans.__('Remove %1', attachment.label));
    remove.addEventListener('click', () => {
      this.all = this._all.filter(other => other !== attachment);
      this._removed();
    });
    node.append(remove);
    item.append(node);
    return item;
  }

  private _all: readonly WireAttachment[] = [];
}
