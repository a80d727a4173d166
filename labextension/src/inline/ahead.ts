import type { Answer } from './answer';
import type { Surroundings } from './remainder';

/** One request at most for a place where nobody types yet: what would follow once a suggestion is accepted. */
export class Ahead {
  /** Follows a request that was just made. */
  follow(answer: Answer, work: AbortController): void {
    this._work.abort();
    this._answer = answer;
    this._work = work;
  }

  /** Ends the request, unless its place lies on the way of who types, or has been reached. */
  keepFor(here: Surroundings | null): void {
    const prefix = this._answer?.prefix ?? '';
    if (!here || !(prefix.startsWith(here.prefix) || here.prefix.startsWith(prefix))) {
      this._work.abort();
      this._answer = null;
    }
  }

  private _answer: Answer | null = null;
  private _work = new AbortController();
}
