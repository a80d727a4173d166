import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { AnswerEvent } from '../server/api';
import { Failure } from '../server/failure';
import type { Finish } from '../wire';

/** How an answer stands. "cut": it came to the longest length that an answer may have. */
export type WritingState = 'waiting' | 'writing' | 'done' | 'cut' | 'stopped' | 'failed';

/** As much of an answer as there is. */
export interface Written {
  readonly state: WritingState;
  readonly text: string;
  /** Why it failed; null where it did not. */
  readonly failure: Failure | null;
  /** How many of the oldest turns of a conversation had no room in what the model read. */
  readonly leftOutTurns: number;
}

/** Asks for an answer, until the signal says that nobody reads it any more. */
export type Ask = (signal: AbortSignal) => AsyncIterable<AnswerEvent>;

/** Whether more of it is to come. */
export function isRunning({ state }: Written): boolean {
  return state === 'waiting' || state === 'writing';
}

/** Reads one answer at a time; everything that shows an answer while it grows listens to one of these. */
export class Writing {
  /** Emitted with what is there by now. Nothing comes any more after `dispose`. */
  get changed(): ISignal<this, Written> {
    return this._changed;
  }

  /**
   * Reads an answer to its end. One that is being read ends unheard.
   *
   * @returns what it came to; null where another one, or `drop`, ended it.
   */
  async read(ask: Ask): Promise<Written | null> {
    this._work.abort();
    const { signal } = (this._work = new AbortController());
    let written: Written = { state: 'waiting', text: '', failure: null, leftOutTurns: 0 };
    const tell = (news: Partial<Written>) => {
      written = { ...written, ...news };
      this._changed.emit(written);
    };
    tell({});
    try {
      for await (const event of ask(signal)) {
        if (signal.aborted) {
          break;
        }
        if (event.type === 'text') {
          tell({ state: 'writing', text: written.text + event.text });
        } else {
          tell({ state: ending(event.finish), leftOutTurns: event.left_out_turns });
        }
      }
    } catch (reason) {
      if (!signal.aborted) {
        tell({ state: 'failed', failure: Failure.of(reason) });
      }
    }
    if (this._work.signal !== signal) {
      return null;
    }
    if (signal.aborted) {
      tell({ state: 'stopped' });
    }
    return written;
  }

  /** Ends the answer that is being read; what came of it stays. */
  stop(): void {
    this._work.abort();
  }

  /** Ends the answer that is being read, and says no more of it. */
  drop(): void {
    this._work.abort();
    this._work = new AbortController();
  }

  dispose(): void {
    this.drop();
    Signal.clearData(this);
  }

  private _work = new AbortController();
  private readonly _changed = new Signal<this, Written>(this);
}

function ending(finish: Finish): WritingState {
  return finish === 'length' ? 'cut' : finish === 'stop' ? 'done' : 'stopped';
}
