/** Gaps longer than this are thinking, not typing. */
const LONGEST_GAP_MS = 1000;
const SHORTEST_PAUSE_MS = 60;
const LONGEST_PAUSE_MS = 500;
/** A rhythm is known after so many gaps. */
const ENOUGH = 5;
const KEPT = 16;

/**
 * How somebody types, and how soon the model answers him.
 *
 * Who types slowly is not interrupted between two keys; who waits long for an answer anyway is asked for fewer of them.
 */
export class Rhythm {
  /** A key was pressed. */
  key(atMs: number): void {
    const gap = atMs - this._lastMs;
    this._lastMs = atMs;
    if (gap > 0 && gap <= LONGEST_GAP_MS) {
      this._gapsMs = [...this._gapsMs, gap].slice(-KEPT);
    }
  }

  /** The first text of an answer came so long after its request. */
  answered(latencyMs: number): void {
    this._latenciesMs = [...this._latenciesMs, latencyMs].slice(-KEPT);
  }

  /** The rest in typing after which the model is asked; `startMs` until a rhythm is known. */
  pauseMs(startMs: number): number {
    if (this._gapsMs.length < ENOUGH) {
      return startMs;
    }
    const latencyS = median(this._latenciesMs) / 1000;
    const pauseMs = median(this._gapsMs) * (1.25 + Math.min(latencyS, 1));
    return Math.min(Math.max(pauseMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
  }

  private _lastMs = -Infinity;
  private _gapsMs: readonly number[] = [];
  private _latenciesMs: readonly number[] = [];
}

/** The middle one; 0 of none. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
