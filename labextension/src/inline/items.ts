import type { IInlineCompletionItem } from '@jupyterlab/completer';

import type { Answer } from './answer';
import type { Asked } from './asked';
import type { Asker } from './asker';
import { restAt } from './remainder';

/** An answer that is shown while it grows. */
interface Showing {
  readonly answer: Answer;
  readonly asked: Asked;
  readonly shown: string;
  /** Whether the editor had the focus at first: then losing it dismisses the answer. */
  readonly needsFocus: boolean;
}

/** Makes of answers what JupyterLab shows: what there is of them at first, and then the rest as it comes. */
export class Items {
  constructor(private readonly _asker: Pick<Asker, 'cache' | 'stop' | 'askAhead'>) {}

  /** The answer out of which an item was made; null for what others suggest. */
  answerOf(item: IInlineCompletionItem | null | undefined): Answer | null {
    return (item && this._answers.get(item)) ?? null;
  }

  /** Lets no item grow any more. */
  clear(): void {
    this._showing.clear();
  }

  /**
   * What can be chosen as soon as an answer has a text to show.
   *
   * It waits for that: an item that is still empty would take the Tab key from the editor.
   *
   * @returns null where the answer has no text, or fits no longer.
   */
  async firstOf(answer: Answer, asked: Asked): Promise<IInlineCompletionItem[] | null> {
    const { spot, isInvoked } = asked;
    while (asked.isLatest()) {
      const change = answer.changed;
      const rest = restAt(answer, spot);
      if (rest === null) {
        return null;
      }
      if (rest) {
        this._guard(answer, asked);
        if (answer.isWhole) {
          this._askAhead(answer, rest, asked);
        }
        return this._choice(answer, asked);
      }
      if (answer.isWhole) {
        const empty = this._item(answer, rest, isInvoked);
        return empty.error ? [empty] : null;
      }
      await change;
    }
    return null;
  }

  /** How the item of a token grows, always relative to what has been typed by then. Never throws. */
  async *growthOf(token: string): AsyncGenerator<{ response: IInlineCompletionItem }> {
    const showing = this._showing.get(token);
    this._showing.delete(token);
    if (!showing) {
      return;
    }
    const { answer, asked, needsFocus } = showing;
    let { shown } = showing;
    while (asked.isLatest()) {
      const change = answer.changed;
      const rest = restAt(answer, asked.spot);
      if (rest === null || (needsFocus && !asked.spot.hasFocus())) {
        this._asker.stop();
        return;
      }
      if (rest !== shown || answer.isWhole) {
        shown = rest;
        yield { response: this._item(answer, rest, asked.isInvoked) };
      }
      if (answer.isWhole) {
        this._askAhead(answer, rest, asked);
        return;
      }
      await change;
    }
  }

  /** One item for each different text that fits, the likeliest first. */
  private _choice(answer: Answer, asked: Asked): IInlineCompletionItem[] {
    const { spot, isInvoked } = asked;
    const siblings = this._asker.cache.siblings(answer);
    const texts = new Set<string>();
    return (siblings.includes(answer) ? siblings : [answer]).flatMap(sibling => {
      const rest = restAt(sibling, spot);
      if (!rest || texts.has(rest)) {
        return [];
      }
      texts.add(rest);
      const item = this._item(sibling, rest, isInvoked);
      this._answers.set(item, sibling);
      if (!sibling.isWhole) {
        item.token = String((this._tokens += 1));
        const needsFocus = spot.hasFocus();
        this._showing.set(item.token, { answer: sibling, asked, shown: rest, needsFocus });
      }
      return [item];
    });
  }

  private _item(answer: Answer, rest: string, isInvoked: boolean): IInlineCompletionItem {
    const item = { insertText: rest, isIncomplete: !answer.isWhole };
    const { failure } = answer;
    if (!failure) {
      return item;
    }
    // That a model is not there, or on its way, is said once to who only types: the status goes on saying it.
    const isTold = failure.code === 'model_not_ready' && failure.message === this._told;
    this._told = failure.message;
    return isTold && !isInvoked ? item : { ...item, error: { message: failure.message } };
  }

  private _askAhead(answer: Answer, rest: string, { spot, isLatest }: Asked): void {
    if (isLatest() && rest && answer.isKeepable && !answer.variant) {
      this._asker.askAhead(spot.after(rest));
    }
  }

  /**
   * Asks JupyterLab to show an answer again after an edit of which it says nothing to providers.
   *
   * While only white space stands before the cursor, JupyterLab neither asks for completions nor moves the place at
   * which an accepted one goes in: the white space typed through a suggestion would be overwritten by its rest.
   */
  private _guard(answer: Answer, { spot, isLatest }: Asked): void {
    spot.onNextEdit(() => {
      if (isLatest() && restAt(answer, spot) && spot.hasFocus()) {
        spot.askAgain();
      }
    });
  }

  private _told = '';
  private _tokens = 0;
  private readonly _answers = new WeakMap<IInlineCompletionItem, Answer>();
  /** By the token that JupyterLab hands back for the rest. */
  private readonly _showing = new Map<string, Showing>();
}
