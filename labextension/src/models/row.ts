import type { TranslationBundle } from '@jupyterlab/translation';

import type { HealthReply, ModelEntry, ModelState } from '../wire';
import { button } from '../writing/controls';
import { ProgressBar } from './bar';
import { say } from './say';
import type { Note } from './stock';
import { isOnItsWay } from './stock';
import { factWords, speedWords, stateWords } from './words';

/** What a person can do to a model. */
export interface RowActions {
  get(entry: ModelEntry): void;
  pause(entry: ModelEntry): void;
  cancel(entry: ModelEntry): void;
  use(entry: ModelEntry): void;
  test(entry: ModelEntry): void;
  remove(entry: ModelEntry): void;
}

/** What holds for all models alike. */
export interface Surroundings {
  readonly health: HealthReply | null;
  /** That an administrator has said which model answers, and why; empty where nobody has. */
  readonly lock: string;
}

type Action = 'get' | 'again' | 'resume' | 'pause' | 'cancel' | 'use' | 'test' | 'remove';

const OFFERED: Record<ModelState, readonly Action[]> = {
  none: ['get'],
  waiting: ['pause', 'cancel'],
  fetching: ['pause', 'cancel'],
  exporting: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  failed: ['again', 'cancel'],
  prepared: ['use', 'remove'],
  served: ['test', 'remove']
};

/** One model in the list; it stays the same element while its model changes, so that the keyboard keeps its place. */
export class ModelRow {
  constructor(options: { entry: ModelEntry; actions: RowActions; trans: TranslationBundle }) {
    const { entry, trans } = options;
    this._trans = trans;
    this._entry = entry;
    this._bar = new ProgressBar({ label: trans.__('Progress of %1', entry.title), trans });
    this._buttons = this._makeButtons(options.actions);
    this._titles = new Map([...this._buttons].map(([action, { title }]) => [action, title]));
    this.node.className = 'jp-Starcoder-model';
    this.node.dataset.model = entry.name;
    this._title.className = 'jp-Starcoder-modelTitle';
    this._state.className = 'jp-Starcoder-modelState';
    this._state.setAttribute('role', 'status');
    this._speed.setAttribute('role', 'status');
    this._fault.className = 'jp-Starcoder-modelFault';
    this._fault.setAttribute('role', 'alert');
    this._facts.className = this._note.className = 'jp-Starcoder-modelFacts';
    this.node.append(
      this._head(),
      this._facts,
      this._note,
      this._access(),
      this._bar.node,
      this._speed,
      this._fault
    );
  }

  /** Shows the model as it stands now. */
  show(entry: ModelEntry, note: Note, { health, lock }: Surroundings): void {
    this._entry = entry;
    const isMeant = health?.model === entry.name;
    const isLoading =
      isMeant && (health.state === 'loading' || health.state === 'preparing') && isHere(entry);
    const loadFault = isMeant && health.state === 'failed' && isHere(entry) ? health.message : '';
    this.node.dataset.state = entry.state;
    this.node.setAttribute('aria-busy', String(isOnItsWay(entry) || isLoading || !!note.pending));
    say(this._title, entry.title);
    say(this._state, isLoading ? this._trans.__('Loading') : stateWords(entry, this._trans));
    say(this._facts, factWords(entry, this._trans));
    say(this._note, entry.note);
    this._help.hidden = !entry.access || entry.is_prepared;
    say(this._steps, this._trans.__('Before it can be fetched: %1.', entry.access));
    this._page.href = entry.address;
    this._bar.show(isOnItsWay(entry) || entry.state === 'paused' ? entry : null);
    say(this._speed, this._speedOf(note));
    say(this._fault, note.failure || entry.message || loadFault);
    // Where it is locked which model answers, no other one can be used, and that one has to stay.
    const isLocked = (action: Action) => action === 'use' || (action === 'remove' && isMeant);
    const whyNot = (action: Action) => (isLocked(action) ? lock : '');
    this._offer(OFFERED[entry.state], !!note.pending || isLoading, whyNot);
  }

  private _speedOf({ pending, speed }: Note): string {
    if (pending === 'test') {
      return this._trans.__('Testing…');
    }
    return speed && this._entry.state === 'served' ? speedWords(speed, this._trans) : '';
  }

  private _offer(
    actions: readonly Action[],
    isPending: boolean,
    whyNot: (action: Action) => string
  ): void {
    const focused = [...this._buttons.values()].find(node => node === document.activeElement);
    for (const [action, node] of this._buttons) {
      const reason = whyNot(action);
      node.hidden = !actions.includes(action);
      // One that cannot be pressed for a moment keeps the keyboard's place, which `disabled` would lose.
      node.setAttribute('aria-disabled', String(isPending || reason !== ''));
      node.title = reason || (this._titles.get(action) ?? '');
    }
    if (focused?.hidden) {
      this._buttons.get(actions[0])?.focus();
    }
  }

  private _makeButtons(actions: RowActions): Map<Action, HTMLButtonElement> {
    const { _trans: trans } = this;
    const make = (label: string, act: keyof RowActions, title: string): HTMLButtonElement => {
      const node = button(
        label,
        () => node.getAttribute('aria-disabled') === 'true' || actions[act](this._entry),
        title
      );
      node.setAttribute('aria-label', `${label}: ${this._entry.title}`);
      return node;
    };
    return new Map<Action, HTMLButtonElement>([
      ['get', make(trans.__('Get'), 'get', trans.__('Fetch and prepare this model'))],
      ['again', make(trans.__('Try again'), 'get', trans.__('Fetch and prepare this model'))],
      ['resume', make(trans.__('Resume'), 'get', this._resumeTitle())],
      ['use', make(trans.__('Use'), 'use', trans.__('Have this model answer'))],
      ['test', make(trans.__('Test'), 'test', trans.__('Tell how fast this model answers'))],
      ['pause', make(trans.__('Pause'), 'pause', trans.__('Stop, and keep what came'))],
      ['cancel', make(trans.__('Cancel'), 'cancel', trans.__('Stop, and take away what came'))],
      ['remove', make(trans.__('Delete'), 'remove', trans.__('Take this model off the disk'))]
    ]);
  }

  private _resumeTitle(): string {
    return this._entry.resumes
      ? this._trans.__('Go on with what came')
      : this._trans.__('Begin again: this model comes in one piece');
  }

  private _head(): HTMLElement {
    const head = document.createElement('div');
    const buttons = document.createElement('div');
    head.className = 'jp-Starcoder-modelHead';
    buttons.className = 'jp-Starcoder-modelButtons';
    buttons.append(...this._buttons.values());
    head.append(this._title, this._state, buttons);
    return head;
  }

  /** What to do once to be let in to a gated model. */
  private _access(): HTMLElement {
    const summary = document.createElement('summary');
    summary.textContent = this._trans.__('Its licence has to be accepted first');
    this._help.className = 'jp-Starcoder-modelHelp';
    this._page.textContent = this._trans.__('Open its page');
    this._page.target = '_blank';
    this._page.rel = 'noopener noreferrer';
    this._help.append(summary, this._steps, this._page);
    return this._help;
  }

  readonly node = document.createElement('li');
  private readonly _trans: TranslationBundle;
  private readonly _bar: ProgressBar;
  private readonly _buttons: Map<Action, HTMLButtonElement>;
  /** What each does, where it may. */
  private readonly _titles: Map<Action, string>;
  private readonly _title = document.createElement('span');
  private readonly _state = document.createElement('span');
  private readonly _facts = document.createElement('div');
  private readonly _note = document.createElement('div');
  private readonly _help = document.createElement('details');
  private readonly _steps = document.createElement('p');
  private readonly _page = document.createElement('a');
  private readonly _speed = document.createElement('div');
  private readonly _fault = document.createElement('div');
  private _entry: ModelEntry;
}

function isHere({ state }: ModelEntry): boolean {
  return state === 'prepared' || state === 'served';
}
