import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Failure } from './failure';

/** How many requests of this page are under way, and what the last one came to. */
export class Activity {
  /** Emitted when a request begins or ends. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isBusy(): boolean {
    return this._running > 0;
  }

  /** Why the last request failed; null where it did not. */
  get failure(): Failure | null {
    return this._failure;
  }

  begin(): void {
    this._running += 1;
    this._changed.emit();
  }

  end(failure: Failure | null): void {
    this._running -= 1;
    this._failure = failure;
    this._changed.emit();
  }

  private _running = 0;
  private _failure: Failure | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
