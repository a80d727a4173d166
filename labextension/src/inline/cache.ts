import type { Answer } from './answer';
import { remainder } from './remainder';
import type { Surroundings } from './remainder';

/** An answer that has a place at the cursor, and what of it is still to be typed there. */
export interface Hit {
  readonly answer: Answer;
  readonly rest: string;
}

/** The last answers, whole or still growing: what was suggested once needs no request while one types through it. */
export class AnswerCache {
  constructor(private readonly _limit = 64) {}

  add(answer: Answer): void {
    this._answers = [answer, ...this._answers].slice(0, this._limit);
  }

  /** The answer that says most at this cursor, the newest of equals. */
  find(scope: string, here: Surroundings): Hit | null {
    let best: Hit | null = null;
    this._answers = this._answers.filter(answer => answer.isKeepable);
    for (const answer of this._answers) {
      const rest = answer.scope === scope ? remainder(answer, here) : null;
      if (rest !== null && (!best || rest.length > best.rest.length)) {
        best = { answer, rest };
      }
    }
    return best;
  }

  /** Whether something was asked for at exactly this place already. */
  has(scope: string, { prefix, suffix }: Surroundings): boolean {
    return this._answers.some(
      answer => answer.scope === scope && answer.prefix === prefix && answer.suffix === suffix
    );
  }

  /** All answers for one place, the likeliest first: what one can choose among. */
  siblings({ scope, prefix, suffix }: Answer): Answer[] {
    return this._answers
      .filter(
        answer =>
          answer.isKeepable &&
          answer.scope === scope &&
          answer.prefix === prefix &&
          answer.suffix === suffix
      )
      .sort((a, b) => a.variant - b.variant);
  }

  clear(): void {
    this._answers = [];
  }

  private _answers: Answer[] = [];
}
