import { Ahead } from './ahead';
import { Answer } from './answer';
import { AnswerCache } from './cache';
import type { Preferences } from './preferences';
import { Rhythm } from './rhythm';
import type { Place } from './spot';
import { delay } from '../delay';
import type { Requests } from '../server/requests';
import type { Settings } from '../settings';

/** Asks the model for one place at a time, and keeps what it answered. */
export class Asker {
  constructor(options: {
    requests: Pick<Requests, 'complete'>;
    settings: Settings;
    preferences: Pick<Preferences, 'current'>;
  }) {
    this._requests = options.requests;
    this._settings = options.settings;
    this._preferences = options.preferences;
  }

  readonly cache = new AnswerCache();
  readonly rhythm = new Rhythm();
  readonly ahead = new Ahead();

  /** Ends what is under way for the cursor. */
  stop(): void {
    this._work.abort();
  }

  /** Ends what is under way and waits for a rest in typing; whether it lasted. */
  rest(): Promise<boolean> {
    this._work.abort();
    this._work = new AbortController();
    const { debounceMs } = this._settings.current;
    // What an administrator has fixed is not for us to change.
    const isAdaptive =
      this._preferences.current.adaptivePause && !this._settings.isLocked('debounceMs');
    const pauseMs = isAdaptive ? this.rhythm.pauseMs(debounceMs) : debounceMs;
    return delay(pauseMs, this._work.signal);
  }

  /** Asks for a place; a variant is asked for beside what is under way already. */
  ask(place: Place, variant = 0): Answer {
    const answer = new Answer(place.scope, place, variant);
    if (!variant || this._work.signal.aborted) {
      this._work = new AbortController();
    }
    this._send(place, answer, this._work.signal);
    void this._measure(answer);
    return answer;
  }

  /** Asks for what would follow where a suggestion is accepted, unless that was asked for already. */
  askAhead(place: Place): void {
    const { trigger } = this._settings.current;
    const isWanted = this._preferences.current.askAhead && trigger === 'automatic';
    if (isWanted && !this.cache.has(place.scope, place)) {
      const answer = new Answer(place.scope, place);
      const work = new AbortController();
      this.ahead.follow(answer, work);
      this._send(place, answer, work.signal, true);
    }
  }

  private _send(place: Place, answer: Answer, signal: AbortSignal, ahead = false): void {
    const question = {
      offset: place.offset,
      max_tokens: this._settings.current.maxTokens,
      ...(answer.variant ? { variant: answer.variant } : {}),
      ...(ahead ? { ahead } : {})
    };
    this.cache.add(answer);
    void answer.read(this._requests.complete(place.page, question, signal));
  }

  private async _measure(answer: Answer): Promise<void> {
    const askedMs = performance.now();
    await answer.changed;
    if (answer.text) {
      this.rhythm.answered(performance.now() - askedMs);
    }
  }

  private _work = new AbortController();
  private readonly _requests: Pick<Requests, 'complete'>;
  private readonly _settings: Settings;
  private readonly _preferences: Pick<Preferences, 'current'>;
}
