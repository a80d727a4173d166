import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Activity } from '../server/activity';
import type { Api } from '../server/api';
import { Failure } from '../server/failure';
import type { HealthReply } from '../wire';
import type { Knowledge } from './summary';

/** Between two questions while a model is on its way or answers others: that is worth watching. */
const SOON_MS = 1_000;
/** Between two questions when nothing is expected to change. */
const LATER_MS = 20_000;

/** What is known of the server: asked for now and then while the page is seen, and after a request that failed. */
export class Health {
  constructor(options: { api: Pick<Api, 'health'>; activity: Activity }) {
    this._api = options.api;
    this._activity = options.activity;
    this._poll = new Poll({
      name: 'jupyter-starcoder:health',
      factory: () => this._ask(),
      frequency: { interval: SOON_MS, backoff: true, max: 60_000 },
      standby: 'when-hidden'
    });
    this._activity.changed.connect(() => this._heed());
  }

  /** Emitted when something else is known. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get current(): Knowledge {
    return { health: this._health, silence: this._silence, isBusy: this._activity.isBusy };
  }

  /** Asks now. */
  refresh(): void {
    void this._poll.refresh();
  }

  private async _ask(): Promise<void> {
    try {
      this._health = await this._api.health();
      this._silence = '';
    } catch (reason) {
      this._health = null;
      this._silence = Failure.of(reason).message;
      // The poll takes a rejection as the sign to ask less and less often.
      throw reason;
    } finally {
      const { state, is_busy } = this._health ?? {};
      const changesSoon = !state || state === 'loading' || state === 'preparing' || is_busy;
      this._setInterval(changesSoon ? SOON_MS : LATER_MS);
      this._changed.emit();
    }
  }

  private _setInterval(interval: number): void {
    if (this._poll.frequency.interval !== interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
  }

  private _heed(): void {
    const { failure, isBusy } = this._activity;
    const isReady = this._health?.state === 'ready';
    // A request that failed, or one that worked where we believed that none could: the state is another one now.
    if (!isBusy && (failure !== null || !isReady)) {
      this.refresh();
    }
    this._changed.emit();
  }

  private readonly _api: Pick<Api, 'health'>;
  private readonly _activity: Activity;
  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private _health: HealthReply | null = null;
  private _silence = '';
}
