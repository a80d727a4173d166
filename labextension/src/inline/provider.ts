import type {
  CompletionHandler,
  IInlineCompletionItem,
  IInlineCompletionList,
  IInlineCompletionProvider,
  InlineCompletionTriggerKind
} from '@jupyterlab/completer';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import { Answer } from './answer';
import { AnswerCache } from './cache';
import { delay } from '../delay';
import { remainder } from './remainder';
import type { Requests } from '../server/requests';
import type { Settings } from '../settings';
import type { InlineContext, Spot } from './spot';

/** The type's own enumeration would pull all of JupyterLab into the tests. */
const INVOKED: InlineCompletionTriggerKind.Invoke = 0;

/** How long JupyterLab waits for the first text; we end stale requests ourselves. */
const TIMEOUT_MS = 120_000;

const NOTHING: IInlineCompletionList = { items: [] };

/** One call of `fetch`; the next one makes it stale. */
interface Asked {
  readonly spot: Spot;
  readonly turn: number;
  readonly isInvoked: boolean;
}

/** An answer that is shown while it grows. */
interface Showing {
  readonly answer: Answer;
  readonly asked: Asked;
  readonly shown: string;
  /** Whether the editor had the focus at first: then losing it dismisses the answer. */
  readonly needsFocus: boolean;
}

/** Suggests code at the cursor. */
export class StarcoderProvider implements IInlineCompletionProvider {
  constructor(options: {
    requests: Pick<Requests, 'complete'>;
    settings: Settings;
    /** Finds the place in the document; null where there is no code. */
    spotOf: (request: CompletionHandler.IRequest, context: InlineContext) => Spot | null;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    this._requests = options.requests;
    this._settings = options.settings;
    this._spotOf = options.spotOf;
    this.icon = options.icon;
    this.name = options.trans.__('StarCoder');
    this.schema = {
      title: this.name,
      type: 'object',
      properties: {},
      // The pause before a request is our own (`debounceMs`), since JupyterLab's would hold up cached answers too.
      default: { enabled: true, autoFillInMiddle: true, debouncerDelay: 0, timeout: TIMEOUT_MS }
    };
    this._settings.changed.connect(() => this.forget());
  }

  readonly identifier = 'jupyter-starcoder:inline';
  readonly name: string;
  readonly icon: LabIcon;
  readonly schema: ISettingRegistry.IProperty;

  /** Drops every suggestion and ends the request under way: another model, or other settings, hold from now on. */
  forget(): void {
    this.dismiss();
    this._cache.clear();
  }

  /** Ends what is under way, without another word about it. */
  dismiss(): void {
    this._turn += 1;
    this._work.abort();
    this._showing.clear();
  }

  /**
   * What is suggested at the cursor; nothing, rather than a rejection, in every other case.
   *
   * What the cache holds comes at once. Else this waits for the first text: an item that is still empty would take the
   * Tab key from the editor.
   */
  async fetch(
    request: CompletionHandler.IRequest,
    context: InlineContext
  ): Promise<IInlineCompletionList> {
    const turn = ++this._turn;
    this._showing.clear();
    const isInvoked = context.triggerKind === INVOKED;
    const spot = this._settings.current.enabled ? this._spotOf(request, context) : null;
    if (!spot || !(isInvoked || spot.hasFocus())) {
      this._work.abort();
      return NOTHING;
    }
    const asked: Asked = { spot, turn, isInvoked };
    const list = (await this._fromCache(asked)) ?? (await this._fromServer(asked));
    if (!list.items.length && turn === this._turn) {
      // Meanwhile JupyterLab may have drawn what was left of an older suggestion, be it nothing.
      spot.yieldTab();
    }
    return list;
  }

  /** The rest of an answer, always relative to what has been typed by then. Never throws. */
  async *stream(token: string): AsyncGenerator<{ response: IInlineCompletionItem }> {
    const showing = this._showing.get(token);
    this._showing.delete(token);
    if (!showing) {
      return;
    }
    const { answer, asked, needsFocus } = showing;
    let { shown } = showing;
    while (asked.turn === this._turn) {
      const change = answer.changed;
      const rest = restAt(answer, asked.spot);
      if (rest === null || (needsFocus && !asked.spot.hasFocus())) {
        this._work.abort();
        return;
      }
      if (rest !== shown || answer.isWhole) {
        shown = rest;
        yield { response: this._item(answer, rest, asked.isInvoked) };
      }
      if (answer.isWhole) {
        return;
      }
      await change;
    }
  }

  /** What was suggested before and has a place here; null where the model is to be asked. */
  private async _fromCache(asked: Asked): Promise<IInlineCompletionList | null> {
    const { spot, turn, isInvoked } = asked;
    const hit = this._cache.find(spot.scope, spot);
    if (!hit?.rest) {
      spot.yieldTab();
    }
    if (!hit) {
      return null;
    }
    if (hit.answer.isWhole) {
      // What is under way was asked for at another place.
      this._work.abort();
    }
    if (hit.rest || !hit.answer.isWhole) {
      const list = await this._firstOf(hit.answer, asked);
      return list ?? (turn === this._turn ? null : NOTHING);
    }
    // All of it stands in the text already. Nothing follows, if it was the model that ended it.
    return hit.answer.finish === 'stop' && !isInvoked ? NOTHING : null;
  }

  private async _fromServer(asked: Asked): Promise<IInlineCompletionList> {
    if (!(await this._mayAsk(asked))) {
      return NOTHING;
    }
    return (await this._firstOf(this._start(asked.spot), asked)) ?? NOTHING;
  }

  /** Ends older work and waits for a pause in typing; whether a request is still wanted then. */
  private async _mayAsk({ spot, turn, isInvoked }: Asked): Promise<boolean> {
    this._work.abort();
    if (isInvoked) {
      return true;
    }
    const { trigger, debounceMs } = this._settings.current;
    const work = (this._work = new AbortController());
    if (trigger === 'manual' || !(await delay(debounceMs, work.signal)) || turn !== this._turn) {
      return false;
    }
    const here = spot.now();
    return spot.hasFocus() && here?.prefix === spot.prefix && here.suffix === spot.suffix;
  }

  private _start(spot: Spot): Answer {
    const answer = new Answer(spot.scope, spot);
    const question = { offset: spot.offset, max_tokens: this._settings.current.maxTokens };
    this._work = new AbortController();
    this._cache.add(answer);
    void answer.read(this._requests.complete(spot.page, question, this._work.signal));
    return answer;
  }

  /** An answer's first text at a spot; null where it has none, or fits no longer. */
  private async _firstOf(answer: Answer, asked: Asked): Promise<IInlineCompletionList | null> {
    const { spot, turn, isInvoked } = asked;
    while (turn === this._turn) {
      const change = answer.changed;
      const rest = restAt(answer, spot);
      if (rest === null) {
        return null;
      }
      if (answer.isWhole || rest) {
        const item = this._item(answer, rest, isInvoked);
        if (!rest && !item.error) {
          return null;
        }
        this._guard(answer, asked);
        if (answer.isWhole) {
          return { items: [item] };
        }
        const token = String(turn);
        this._showing.set(token, { answer, asked, shown: rest, needsFocus: spot.hasFocus() });
        return { items: [{ ...item, token }] };
      }
      await change;
    }
    return null;
  }

  /**
   * Asks JupyterLab to show an answer again after an edit of which it says nothing to providers.
   *
   * While only white space stands before the cursor, JupyterLab neither asks for completions nor moves the place at
   * which an accepted one goes in: the white space typed through a suggestion would be overwritten by its rest.
   */
  private _guard(answer: Answer, { spot, turn }: Asked): void {
    spot.onNextEdit(() => {
      if (turn === this._turn && restAt(answer, spot) && spot.hasFocus()) {
        spot.askAgain();
      }
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

  private _turn = 0;
  private _told = '';
  private _work = new AbortController();
  private readonly _cache = new AnswerCache();
  /** By the token that JupyterLab hands back to `stream`. */
  private readonly _showing = new Map<string, Showing>();
  private readonly _requests: Pick<Requests, 'complete'>;
  private readonly _settings: Settings;
  private readonly _spotOf: (
    request: CompletionHandler.IRequest,
    context: InlineContext
  ) => Spot | null;
}

/** What of an answer is still to be typed, as the text around the cursor stands now. */
function restAt(answer: Answer, spot: Spot): string | null {
  const here = spot.now();
  return here && remainder(answer, here);
}
