import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { Quiet } from '../quiet';
import type { Activity } from '../server/activity';
import type { Settings } from '../settings';
import type { ServingState } from '../wire';
import { Details } from './details';
import { speedText } from './figures';
import type { Health } from './health';
import { summarise } from './summary';

const MODELS = 'models';
const REMEDY = 'remedy';

/** One line on the model; a click tells the whole story. */
export class StatusItem extends Widget {
  constructor(options: {
    health: Health;
    activity: Activity;
    settings: Settings;
    quiet: Quiet;
    /** Gets a model that is not here; one that is too large only once that is confirmed. */
    get: (model: string) => Promise<void>;
    /** Has a model loaded, and says so where that cannot be done. */
    load: (model: string) => Promise<void>;
    openModels: () => void;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    super();
    this._options = options;
    this.id = 'jp-starcoder-status';
    this.addClass('jp-Starcoder-status');
    this._button.type = 'button';
    this._button.setAttribute('aria-haspopup', 'dialog');
    this._button.append(
      options.icon.element({ tag: 'span', stylesheet: 'statusBar' }),
      this._text,
      this._speed
    );
    this._button.addEventListener('click', () => void this._tell());
    this._text.className = 'jp-Starcoder-statusText';
    this._speed.className = 'jp-Starcoder-statusSpeed';
    this.node.append(this._button);
    options.health.changed.connect(this._show, this);
    options.activity.changed.connect(this._show, this);
    options.quiet.changed.connect(this._show, this);
    this._show();
  }

  private _show(): void {
    const { activity, health, quiet, trans } = this._options;
    const { mood, text, detail } = summarise(health.current, trans);
    const isUp = mood === 'ready' || mood === 'busy';
    const speed = isUp ? speedText(activity.last, trans) : '';
    const reason = isUp ? quiet.reason : null;
    this.node.dataset['mood'] = mood;
    this._text.textContent = reason ? `${text} · ${reason.brief}` : text;
    this._speed.textContent = speed;
    this._button.title = [detail, reason?.whole, speed && trans.__('Last answer: %1.', speed)]
      .filter(Boolean)
      .join('\n');
  }

  private async _tell(): Promise<void> {
    const { activity, get, health, load, openModels, quiet, settings, trans } = this._options;
    health.refresh();
    const remedies: Partial<Record<ServingState, string>> = {
      absent: trans.__('Get the model'),
      failed: trans.__('Try again')
    };
    const { state, model = '' } = health.current.health ?? {};
    const remedy = state && remedies[state];
    const dialog = new Dialog({
      title: trans.__('StarCoder'),
      body: new Details({ health, activity, settings, quiet, trans }),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Close') }),
        Dialog.createButton({ label: trans.__('Models…'), actions: [MODELS] }),
        ...(remedy ? [Dialog.okButton({ label: remedy, actions: [REMEDY] })] : [])
      ],
      defaultButton: 0,
      hasClose: true
    });
    const { button } = await dialog.launch();
    if (button.actions.includes(REMEDY)) {
      await (state === 'absent' ? get : load)(model);
    } else if (button.actions.includes(MODELS)) {
      openModels();
    } else {
      this._button.focus();
    }
  }

  private readonly _options: {
    health: Health;
    activity: Activity;
    settings: Settings;
    quiet: Quiet;
    get: (model: string) => Promise<void>;
    load: (model: string) => Promise<void>;
    openModels: () => void;
    trans: TranslationBundle;
  };
  private readonly _button = document.createElement('button');
  private readonly _text = document.createElement('span');
  private readonly _speed = document.createElement('span');
}
