import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { ModelEntry } from '../wire';
import { button } from '../writing/controls';
import { ownKeys } from '../writing/keys';
import { ProgressBar } from './bar';
import type { FirstRun, Stage } from './firstRun';
import { Onlooker } from './onlooker';
import { say } from './say';
import type { Stock } from './stock';
import { size } from './words';

/** What the buttons of the card do. */
export interface CardActions {
  /** Fetches the model and has it answer. */
  get(model: string): Promise<void>;
  openModels(): void;
  openTour(): void;
  /** Takes the card away, for good. */
  dismiss(): void;
}

/** Says over a notebook that there is no model, and gets one by one click. */
export class FirstRunCard extends Onlooker {
  constructor(options: {
    firstRun: FirstRun;
    stock: Stock;
    actions: CardActions;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    super(options.stock);
    const { actions, icon, trans } = options;
    this._trans = trans;
    this._firstRun = options.firstRun;
    this._actions = actions;
    this._bar = new ProgressBar({ label: trans.__('Progress of the model'), trans });
    this._get = button('', () => void this._start());
    this._get.classList.add('jp-mod-accept');
    this._all = button(trans.__('All models…'), () => actions.openModels());
    this._tour = button(
      trans.__('Open the tour'),
      () => actions.openTour(),
      trans.__('A notebook that goes through every feature, in a copy of your own')
    );
    this._dismiss = button('', () => actions.dismiss());
    this._buttons = [this._get, this._all, this._tour, this._dismiss];
    this._build(icon);
    this._firstRun.changed.connect(this._show, this);
    this._stock.changed.connect(this._show, this);
    this._show();
  }

  dispose(): void {
    this._firstRun.changed.disconnect(this._show, this);
    this._stock.changed.disconnect(this._show, this);
    this._sizes.disconnect();
    super.dispose();
  }

  private async _start(): Promise<void> {
    const model = this._firstRun.health?.model;
    if (!model || this._isAsked) {
      return;
    }
    this._isAsked = true;
    this._show();
    await this._actions.get(model);
    this._isAsked = false;
    this._show();
  }

  private _show(): void {
    const { stage, health } = this._firstRun;
    if (this.isDisposed || !health) {
      return;
    }
    const isWorking = stage === 'working';
    const isDone = stage === 'done';
    const name = isDone ? health.answering : health.model;
    const entry = this._stock.entry(name);
    const focused = this._buttons.find(node => node === document.activeElement);
    this.node.dataset.stage = stage;
    this.node.setAttribute('aria-busy', String(isWorking));
    say(this._title, this._titleOf(stage, entry?.title || name));
    say(this._text, this._textOf(stage, entry));
    say(this._fault, stage === 'failed' ? health.message : '');
    say(this._get, this._labelOf(stage, entry));
    this._get.hidden = isWorking || isDone;
    this._all.hidden = isDone;
    say(this._dismiss, isDone ? this._trans.__('Close') : this._trans.__('Dismiss'));
    this._dismiss.title = isDone
      ? ''
      : this._trans.__('Do not offer this again; the command palette has the models');
    this._get.setAttribute('aria-disabled', String(this._isAsked));
    this._bar.show(
      isWorking ? { ...(entry ?? {}), progress: entry?.progress ?? health.progress } : null
    );
    if (focused?.hidden) {
      this._buttons.find(node => !node.hidden)?.focus();
    }
  }

  private _titleOf(stage: Stage, title: string): string {
    switch (stage) {
      case 'working':
        return this._firstRun.health?.state === 'loading'
          ? this._trans.__('%1 is being loaded…', title)
          : this._trans.__('Getting %1…', title);
      case 'failed':
        return this._trans.__('%1 could not be got', title);
      case 'done':
        return this._trans.__('%1 answers now', title);
      default:
        return this._trans.__('StarCoder has no model yet');
    }
  }

  private _textOf(stage: Stage, entry: ModelEntry | null): string {
    if (stage === 'done') {
      return this._trans.__('Type in a cell: grey text appears, and Tab takes it.');
    }
    if (stage !== 'offer') {
      return '';
    }
    const what = this._trans.__(
      'Completions and answers come from a model on the machine that runs Jupyter. It is fetched once; after that nothing you write leaves the machine.'
    );
    return entry?.access
      ? `${what} ${this._trans.__('Before it can be fetched: %1.', entry.access)}`
      : what;
  }

  private _labelOf(stage: Stage, entry: ModelEntry | null): string {
    if (stage === 'failed') {
      return this._trans.__('Try again');
    }
    if (entry?.state === 'paused') {
      return this._trans.__('Resume the download');
    }
    return entry?.download_bytes
      ? this._trans.__('Get the model (%1)', size(entry.download_bytes))
      : this._trans.__('Get the model');
  }

  private _build(icon: LabIcon): void {
    const { node } = this;
    const words = document.createElement('div');
    const buttons = document.createElement('div');
    this.addClass('jp-Starcoder-firstRun');
    node.setAttribute('role', 'region');
    node.setAttribute('aria-label', this._trans.__('StarCoder: first model'));
    ownKeys(node, {});
    this._title.className = 'jp-Starcoder-firstRunTitle';
    this._title.setAttribute('role', 'status');
    this._fault.className = 'jp-Starcoder-modelFault';
    this._fault.setAttribute('role', 'alert');
    words.className = 'jp-Starcoder-firstRunWords';
    words.append(this._title, this._text, this._bar.node, this._fault);
    buttons.className = 'jp-Starcoder-modelButtons';
    buttons.append(...this._buttons);
    this._inner.className = 'jp-Starcoder-firstRunInner';
    this._inner.append(icon.element({ tag: 'span', stylesheet: 'menuItem' }), words, buttons);
    node.append(this._inner);
    this._sizes.observe(this._inner);
  }

  private readonly _trans: TranslationBundle;
  private readonly _firstRun: FirstRun;
  private readonly _actions: CardActions;
  private readonly _bar: ProgressBar;
  private readonly _get: HTMLButtonElement;
  private readonly _all: HTMLButtonElement;
  private readonly _tour: HTMLButtonElement;
  private readonly _dismiss: HTMLButtonElement;
  private readonly _buttons: readonly HTMLButtonElement[];
  private readonly _inner = document.createElement('div');
  private readonly _title = document.createElement('strong');
  private readonly _text = document.createElement('p');
  private readonly _fault = document.createElement('p');
  // The place over a notebook is laid out by least heights, and how high this is depends on how its text wraps.
  private readonly _sizes = new ResizeObserver(() => {
    this.node.style.minHeight = `${this._inner.offsetHeight}px`;
    this.parent?.fit();
  });
  private _isAsked = false;
}
