import type { TranslationBundle } from '@jupyterlab/translation';

import type { Settings } from '../settings';
import type { Health } from '../status/health';
import { Onlooker } from './onlooker';
import { ModelRow } from './row';
import type { RowActions } from './row';
import { say } from './say';
import type { Stock } from './stock';
import { lockWords, machineWords } from './words';

/** All models of the server, and what can be done to each; it asks only while it is seen. */
export class ModelsPanel extends Onlooker {
  constructor(options: {
    stock: Stock;
    health: Health;
    settings: Settings;
    actions: RowActions;
    trans: TranslationBundle;
  }) {
    super(options.stock);
    this._health = options.health;
    this._settings = options.settings;
    this._actions = options.actions;
    this._trans = options.trans;
    this.addClass('jp-Starcoder-models');
    this.node.tabIndex = -1;
    this._machine.className = 'jp-Starcoder-machine';
    this._hint.className = 'jp-Starcoder-modelsHint';
    this._hint.setAttribute('role', 'status');
    this._silence.className = 'jp-Starcoder-modelFault';
    this._silence.setAttribute('role', 'alert');
    this._list.className = 'jp-Starcoder-modelList';
    // Safari takes a list without bullets for none.
    this._list.setAttribute('role', 'list');
    this._list.setAttribute('aria-label', this._trans.__('Models'));
    this.node.append(this._machine, this._silence, this._hint, this._list);
    this._stock.changed.connect(this._show, this);
    this._settings.changed.connect(this._show, this);
    this._show();
  }

  dispose(): void {
    this._stock.changed.disconnect(this._show, this);
    this._settings.changed.disconnect(this._show, this);
    super.dispose();
  }

  protected onActivateRequest(): void {
    this.node.focus();
  }

  protected onAfterAttach(): void {
    super.onAfterAttach();
    // Here, since a widget of the main area gives what it holds a name that says nothing.
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this._trans.__('Models'));
  }

  private _show(): void {
    const { reply, silence } = this._stock;
    say(this._silence, silence);
    say(this._hint, this._hintOf());
    say(
      this._machine,
      reply ? this._trans.__('This machine: %1', machineWords(reply.machine, this._trans)) : ''
    );
    if (reply) {
      this._showRows();
    }
  }

  private _hintOf(): string {
    const { reply, silence } = this._stock;
    if (!reply) {
      return silence ? '' : this._trans.__('Asking the server…');
    }
    if (!reply.models.length) {
      return this._trans.__('The server knows of no model.');
    }
    return this._lock;
  }

  /** That the administrator has said which model answers, and why; empty where nobody has. */
  private get _lock(): string {
    return this._settings.isLocked('model') ? lockWords(this._settings.word, this._trans) : '';
  }

  private _showRows(): void {
    const models = this._stock.reply?.models ?? [];
    const { health } = this._health.current;
    const lock = this._lock;
    const names = new Set(models.map(({ name }) => name));
    for (const [name, row] of this._rows) {
      if (!names.has(name)) {
        row.node.remove();
        this._rows.delete(name);
      }
    }
    models.forEach((entry, index) => {
      let row = this._rows.get(entry.name);
      if (!row) {
        row = new ModelRow({ entry, actions: this._actions, trans: this._trans });
        this._rows.set(entry.name, row);
      }
      row.show(entry, this._stock.note(entry.name), { health, lock });
      // Only where it stands elsewhere: an element that is put in again loses the keyboard.
      if (this._list.children[index] !== row.node) {
        this._list.insertBefore(row.node, this._list.children[index] ?? null);
      }
    });
  }

  private readonly _health: Health;
  private readonly _settings: Settings;
  private readonly _actions: RowActions;
  private readonly _trans: TranslationBundle;
  private readonly _rows = new Map<string, ModelRow>();
  private readonly _machine = document.createElement('p');
  private readonly _hint = document.createElement('p');
  private readonly _silence = document.createElement('p');
  private readonly _list = document.createElement('ul');
}
