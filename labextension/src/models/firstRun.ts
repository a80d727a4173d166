import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Health } from '../status/health';
import type { HealthReply } from '../wire';

/** How far a person has come who has no model yet. "none": nothing is missing; "done": it answers since this page is open. */
export type Stage = 'none' | 'offer' | 'working' | 'failed' | 'done';

/** The stage after what the server says; `before` tells a first model from one that is only loaded again. */
export function nextStage(before: Stage, health: HealthReply | null): Stage {
  if (!health) {
    return before; // nothing is known: nothing changes
  }
  if (health.answering) {
    return before === 'none' ? 'none' : 'done';
  }
  switch (health.state) {
    case 'absent':
      return 'offer';
    case 'preparing':
      return 'working';
    case 'loading':
      return before === 'none' ? 'none' : 'working';
    case 'failed':
      return before === 'none' ? 'none' : 'failed';
    case 'ready':
      return 'none';
  }
}

/** Follows the server from the missing model to the one that answers; there is one on a page. */
export class FirstRun {
  constructor(private readonly _health: Pick<Health, 'changed' | 'current'>) {
    _health.changed.connect(() => this._heed());
    this._heed();
  }

  /** Emitted when the server was heard of, whether or not the stage is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get stage(): Stage {
    return this._stage;
  }

  /** What the server said last; it stays while the server is silent. */
  get health(): HealthReply | null {
    return this._last;
  }

  /** The person has read that the model answers. */
  finish(): void {
    this._stage = 'none';
    this._changed.emit();
  }

  private _heed(): void {
    const { health } = this._health.current;
    this._last = health ?? this._last;
    this._stage = nextStage(this._stage, health);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _stage: Stage = 'none';
  private _last: HealthReply | null = null;
}
