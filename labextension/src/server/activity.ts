import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Timings } from '../wire';
import type { Failure } from './failure';

/** How many requests are remembered. */
const KEPT = 30;

/** A request that has ended, in counts and times: nothing of what was asked or answered. */
export interface LogEntry {
  /** What was asked for, by its endpoint: "complete", "chat", … */
  readonly kind: string;
  readonly startedAt: Date;
  readonly tookMs: number;
  readonly outcome: 'answered' | 'stopped' | 'failed';
  /** What the server counted; null where the answer did not come to its end. */
  readonly timings: Timings | null;
}

/** Ends a request that was begun. */
export type End = (result: {
  failure: Failure | null;
  /** Null where the answer did not come to its end. */
  timings: Timings | null;
}) => void;

/** What the page asks of the model: how many requests are under way, and what the last ones came to. */
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

  /** The last requests that ended, the newest first. */
  get log(): readonly LogEntry[] {
    return this._log;
  }

  /** What the server counted in the last answer; null before the first. */
  get last(): Timings | null {
    return this._log.find(entry => entry.timings)?.timings ?? null;
  }

  begin(kind: string): End {
    const startedAt = new Date();
    const startMs = performance.now();
    this._running += 1;
    this._changed.emit();
    return ({ failure, timings }) => {
      const outcome = failure ? 'failed' : timings ? 'answered' : 'stopped';
      const tookMs = performance.now() - startMs;
      const entry: LogEntry = { kind, startedAt, tookMs, outcome, timings };
      this._log = [entry, ...this._log].slice(0, KEPT);
      this._running -= 1;
      this._failure = failure;
      this._changed.emit();
    };
  }

  private _running = 0;
  private _failure: Failure | null = null;
  private _log: readonly LogEntry[] = [];
  private readonly _changed = new Signal<this, void>(this);
}
