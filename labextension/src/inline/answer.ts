import { PromiseDelegate } from '@lumino/coreutils';

import type { AnswerEvent } from '../server/api';
import { Failure } from '../server/failure';
import type { Suggestion, Surroundings } from './remainder';
import type { Finish } from '../wire';

/** A completion at one cursor, from its request on: it grows, then it is whole. */
export class Answer implements Suggestion {
  /**
   * @param scope - all that the completion depends on besides the text around the cursor.
   * @param at - the text around the cursor for which it is made.
   * @param variant - 0 for the likeliest completion, 1 and up for others.
   */
  constructor(
    readonly scope: string,
    at: Surroundings,
    readonly variant = 0
  ) {
    this.prefix = at.prefix;
    this.suffix = at.suffix;
  }

  readonly prefix: string;
  readonly suffix: string;

  get text(): string {
    return this._text;
  }

  get isWhole(): boolean {
    return this._isWhole;
  }

  /** How it ended; null before that, and after a failure. */
  get finish(): Finish | null {
    return this._finish;
  }

  get failure(): Failure | null {
    return this._failure;
  }

  /** Whether it may be shown again at the same place: it was neither cut off nor did it fail. */
  get isKeepable(): boolean {
    return !this._isWhole || this._finish === 'stop' || this._finish === 'length';
  }

  /** Resolves at the next change; take it before you look at the text, or a change in between is missed. */
  get changed(): Promise<void> {
    return this._change.promise;
  }

  /** Whether it says something that others do not, as soon as that is plain. */
  async isOtherThan(others: readonly Answer[]): Promise<boolean> {
    for (;;) {
      const change = this.changed;
      const { text } = this;
      if (this.isWhole) {
        return text !== '' && others.every(other => other.text !== text);
      }
      if (text && others.every(other => !other.text.startsWith(text))) {
        return true;
      }
      await change;
    }
  }

  /** Takes in events to their end. Never rejects: what goes wrong is its `failure`. */
  async read(events: AsyncIterable<AnswerEvent>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.type === 'text') {
          this._text += event.text;
        } else {
          this._finish = event.finish;
          this._isWhole = true;
        }
        this._announce();
      }
    } catch (reason) {
      this._failure = Failure.of(reason);
    } finally {
      this._isWhole = true;
      this._announce();
    }
  }

  private _announce(): void {
    const before = this._change;
    this._change = new PromiseDelegate<void>();
    before.resolve();
  }

  private _text = '';
  private _isWhole = false;
  private _finish: Finish | null = null;
  private _failure: Failure | null = null;
  private _change = new PromiseDelegate<void>();
}
