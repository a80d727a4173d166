import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Api, FetchVerb } from '../server/api';
import { Failure } from '../server/failure';
import type { Health } from '../status/health';
import type { ModelEntry, ModelsReply, ModelState, SpeedReply } from '../wire';

/** Between two questions while a model is on its way. */
const SOON_MS = 1_000;
/** Between two questions when only another page, or a terminal, may change something. */
const LATER_MS = 5_000;

const ON_ITS_WAY: readonly ModelState[] = ['waiting', 'fetching', 'exporting'];

/** Whether the server works on a model now. */
export function isOnItsWay({ state }: Pick<ModelEntry, 'state'>): boolean {
  return ON_ITS_WAY.includes(state);
}

/** What can be done to a model. */
export type Verb = FetchVerb | 'remove' | 'test';

/** What this page knows of one model besides what the server says of it. */
export interface Note {
  /** What was asked for, while the server has not answered yet; else empty. */
  readonly pending: Verb | '';
  /** Why what was asked for last could not be done; empty where it could. */
  readonly failure: string;
  /** How fast it was when it was tested. */
  readonly speed: SpeedReply | null;
}

const NO_NOTE: Note = { pending: '', failure: '', speed: null };

type StockApi = Pick<Api, 'models' | 'fetchModel' | 'removeModel' | 'testModel'>;

/** The models of the server, for all that shows them on this page; asked for only while somebody watches. */
export class Stock {
  constructor(options: { api: StockApi; health: Pick<Health, 'changed' | 'current' | 'refresh'> }) {
    this._api = options.api;
    this._health = options.health;
    this._poll = new Poll({
      auto: false,
      name: 'jupyter-starcoder:models',
      factory: () => this._ask(),
      frequency: { interval: SOON_MS, backoff: true, max: 60_000 },
      standby: 'when-hidden'
    });
    this._health.changed.connect(() => this._heed());
  }

  /** Emitted when something else is known. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the server said last; null before that. */
  get reply(): ModelsReply | null {
    return this._reply;
  }

  /** Why the server does not answer; empty while it does. */
  get silence(): string {
    return this._silence;
  }

  /** The model of a name, where the server knows it. */
  entry(name: string): ModelEntry | null {
    return this._reply?.models.find(model => model.name === name) ?? null;
  }

  /** The same, asked for where nothing was heard yet. */
  async find(name: string): Promise<ModelEntry | null> {
    if (!this._reply) {
      await this._ask().catch(() => undefined);
    }
    return this.entry(name);
  }

  note(name: string): Note {
    return this._notes.get(name) ?? NO_NOTE;
  }

  /** Asks the server again and again until what is returned is disposed of. */
  watch(): IDisposable {
    this._watchers += 1;
    if (this._watchers === 1) {
      void this._poll.start();
      void this._poll.refresh();
    }
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (this._watchers === 0) {
        void this._poll.stop();
      }
    });
  }

  /** Asks now, where somebody watches. */
  refresh(): void {
    if (this._watchers > 0) {
      void this._poll.refresh();
    }
  }

  /** Begins to fetch a model or goes on with it, pauses that, or gives it up. */
  fetch(verb: FetchVerb, model: string): Promise<void> {
    return this._change(verb, model, () => this._api.fetchModel(verb, { model }));
  }

  /** Takes a model out of the store, also where it is the one that answers. */
  remove(model: string): Promise<void> {
    return this._change('remove', model, () => this._api.removeModel({ model, unload: true }));
  }

  /** Has the model that is served give a short answer, and notes how fast it was. */
  test(model: string): Promise<void> {
    return this._do('test', model, async () => {
      this._write(model, { speed: null });
      const speed = await this._api.testModel({ model });
      this._write(model, { speed });
    });
  }

  private _change(verb: Verb, model: string, change: () => Promise<ModelsReply>): Promise<void> {
    return this._do(verb, model, async () => {
      await this._take(change());
      this._health.refresh();
    });
  }

  private async _do(verb: Verb, model: string, action: () => Promise<void>): Promise<void> {
    if (this.note(model).pending) {
      return;
    }
    this._write(model, { pending: verb, failure: '' });
    try {
      await action();
    } catch (reason) {
      this._write(model, { failure: Failure.of(reason).message });
      this.refresh();
    } finally {
      this._write(model, { pending: '' });
    }
  }

  private async _ask(): Promise<void> {
    try {
      await this._take(this._api.models());
      this._silence = '';
    } catch (reason) {
      this._silence = Failure.of(reason).message;
      // The poll takes a rejection as the sign to ask less and less often.
      throw reason;
    } finally {
      this._changed.emit();
    }
  }

  /** Takes in how the models stand, unless something was heard that was asked for later. */
  private async _take(asked: Promise<ModelsReply>): Promise<void> {
    const turn = (this._asked += 1);
    const reply = await asked;
    if (turn < this._heard) {
      return;
    }
    this._heard = turn;
    this._reply = reply;
    this._silence = '';
    this._setInterval();
    this._changed.emit();
  }

  private _setInterval(): void {
    const interval = this._reply?.models.some(isOnItsWay) ? SOON_MS : LATER_MS;
    if (this._poll.frequency.interval !== interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
  }

  /** Another model is served, or the server is back: what is listed is out of date. */
  private _heed(): void {
    const { health } = this._health.current;
    const mark = health ? `${health.state} ${health.model} ${health.answering}` : '';
    if (mark && (mark !== this._mark || this._silence)) {
      this.refresh();
    }
    this._mark = mark;
    this._changed.emit();
  }

  private _write(model: string, news: Partial<Note>): void {
    this._notes.set(model, { ...this.note(model), ...news });
    this._changed.emit();
  }

  private readonly _api: StockApi;
  private readonly _health: Pick<Health, 'changed' | 'current' | 'refresh'>;
  private readonly _poll: Poll;
  private readonly _notes = new Map<string, Note>();
  private readonly _changed = new Signal<this, void>(this);
  private _reply: ModelsReply | null = null;
  private _silence = '';
  private _mark = '';
  private _watchers = 0;
  private _asked = 0;
  private _heard = 0;
}
