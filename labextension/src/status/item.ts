import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { ServingState } from '../wire';
import type { Health } from './health';
import { summarise } from './summary';

/** One line on the model; a click tells the whole story. */
export class StatusItem extends Widget {
  constructor(options: {
    health: Health;
    /** Asks for a model, and says so where that cannot be done. */
    load: (model: string) => Promise<void>;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    super();
    this._load = options.load;
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
    const { health } = this._health.current;
    const { text, detail } = summarise(this._health.current, this._trans);
    const remedies: Partial<Record<ServingState, string>> = {
      absent: this._trans.__('Get the model'),
      failed: this._trans.__('Try again')
    };
    const remedy = health && remedies[health.state];
    const close = Dialog.cancelButton({ label: this._trans.__('Close') });
    const buttons = remedy ? [close, Dialog.okButton({ label: remedy })] : [close];
    const answer = await showDialog({ title: text, body: detail, buttons });
    if (health && answer.button.accept) {
      await this._load(health.model);
    }
  }

  private readonly _health: Health;
  private readonly _load: (model: string) => Promise<void>;
  private readonly _trans: TranslationBundle;
  private readonly _button = document.createElement('button');
  private readonly _text = document.createElement('span');
}
