import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

const MINUTE_MS = 60_000;

/** A pause that somebody takes from suggestions. It lasts no longer than the page. */
export class Snooze {
  /** Emitted when it begins, ends, or gets another end. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** When it ends; null where there is none. */
  get until(): Date | null {
    return this._until;
  }

  get isOn(): boolean {
    return this._until !== null;
  }

  /** Begins now, for so long; 0 ends it. */
  start(minutes: number): void {
    clearTimeout(this._timer);
    this._until = minutes > 0 ? new Date(Date.now() + minutes * MINUTE_MS) : null;
    if (this._until) {
      this._timer = setTimeout(() => this.start(0), minutes * MINUTE_MS);
    }
    this._changed.emit();
  }

  private _until: Date | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, void>(this);
}
