import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** Why no suggestion comes, where somebody wished so. */
export interface QuietReason {
  /** A few words, beside the state of the model. */
  readonly brief: string;
  /** A sentence that says where to change it. */
  readonly whole: string;
}

/** Whether suggestions are silent where the user is now: one room knows why, others say it. */
export class Quiet {
  get reason(): QuietReason | null {
    return this._reason;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  set(reason: QuietReason | null): void {
    if (reason?.whole !== this._reason?.whole) {
      this._reason = reason;
      this._changed.emit();
    }
  }

  private _reason: QuietReason | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
