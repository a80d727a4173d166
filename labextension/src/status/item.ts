import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { Health } from './health';
import { summarise } from './summary';

/** One line on the model; a click tells the whole story. */
export class StatusItem extends Widget {
  constructor(options: { health: Health; icon: LabIcon; trans: TranslationBundle }) {
    super();
    this._health = options.health;
    this._trans = options.trans;
    this.id = 'jp-starcoder-status';
    this.addClass('jp-Starcoder-status');
    this._button.type = 'button';
    this._button.append(options.icon.element({ tag: 'span', stylesheet: 'statusBar' }), this._text);
    this._button.addEventListener('click', () => void this._tell());
    this._text.className = 'jp-Starcoder-statusText';
    this.node.append(this._button);
    this._health.changed.connect(this._show, this);
    this._show();
  }

  private _show(): void {
    const { mood, text, detail } = summarise(this._health.current, this._trans);
    this.node.dataset.mood = mood;
    this._text.textContent = text;
    this._button.title = detail;
  }

  private async _tell(): Promise<void> {
    this._health.refresh();
    const { text, detail } = summarise(this._health.current, this._trans);
    const body = detail && detail !== text ? detail : text;
    await showDialog({ title: text, body, buttons: [Dialog.okButton()] });
  }

  private readonly _health: Health;
  private readonly _trans: TranslationBundle;
  private readonly _button = document.createElement('button');
  private readonly _text = document.createElement('span');
}
