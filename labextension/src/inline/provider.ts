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

import type { Answer } from './answer';
import { Asker } from './asker';
import type { Preferences } from './preferences';
import { isInWord, remainder } from './remainder';
import type { Requests } from '../server/requests';
import type { Settings } from '../settings';
import type { Snooze } from './snooze';
import type { InlineContext, Spot } from './spot';

/** The type's own enumeration would pull all of JupyterLab into the tests. */
const INVOKED: InlineCompletionTriggerKind.Invoke = 0;

/** How long JupyterLab waits for the first text; we end stale requests ourselves. */
const TIMEOUT_MS = 120_000;

/** Among how many suggestions for one place one can choose. */
const CANDIDATES = 3;

const NOTHING: IInlineCompletionList = { items: [] };

/** Why JupyterLab asks: a key, a person who wants a suggestion, or one who wants another. */
type Reason = 'typed' | 'invoked' | 'another';

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
    preferences: Preferences;
    snooze: Pick<Snooze, 'isOn'>;
    /** The place from which JupyterLab asks; null where there is no code to complete. */
    spotOf: (request: CompletionHandler.IRequest, context: InlineContext) => Spot | null;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    this._asker = new Asker(options);
    this._settings = options.settings;
    this._preferences = options.preferences;
    this._snooze = options.snooze;
    this._spotOf = options.spotOf;
    this.icon = options.icon;
    this.name = options.trans.__('StarCoder');
    this.schema = {
      title: this.name,
      type: 'object',
      properties: {},
      // The pause before a request is our own, since JupyterLab's would hold up cached answers too.
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
    this._asker.cache.clear();
  }

  /** Ends what is under way, without another word about it. */
  dismiss(): void {
    this._turn += 1;
    this._asker.stop();
    this._asker.ahead.keepFor(null);
    this._showing.clear();
  }

  /** The answer out of which something is shown; null for what others suggest. */
  answerOf(item: IInlineCompletionItem | null | undefined): Answer | null {
    return (item && this._answers.get(item)) ?? null;
  }

  /**
   * Has JupyterLab ask for a reason of ours.
   *
   * @param invoke - makes it ask at once: it knows of persons only, so what it says of the reason is not heard.
   */
  askFor(reason: Reason, invoke: () => void): void {
    this._reason = reason;
    try {
      invoke();
    } finally {
      this._reason = null;
    }
  }

  /** Whether there may be more candidates for a place than those that are shown. */
  canAddTo(answer: Answer): boolean {
    const siblings = this._asker.cache.siblings(answer);
    return siblings.every(({ variant }) => variant < CANDIDATES - 1);
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
    const reason = this._reason ?? (context.triggerKind === INVOKED ? 'invoked' : 'typed');
    const isInvoked = reason !== 'typed';
    if (!isInvoked) {
      this._asker.rhythm.key(performance.now());
    }
    const spot = this._isOn ? this._spotOf(request, context) : null;
    this._asker.ahead.keepFor(spot);
    if (!spot || this._isOffAt(spot) || !(isInvoked || this._isTypedAt(spot))) {
      this._asker.stop();
      return NOTHING;
    }
    const asked: Asked = { spot, turn, isInvoked };
    const another = reason === 'another' ? await this._another(asked) : null;
    const list = another ?? (await this._fromCache(asked)) ?? (await this._fromServer(asked));
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

  private get _isOn(): boolean {
    return this._settings.current.enabled && !this._settings.isOff('complete');
  }

  private _isOffAt({ isOff, page }: Spot): boolean {
    return isOff || this._preferences.current.languagesOff.includes(page.language);
  }

  private _isTypedAt(spot: Spot): boolean {
    return spot.isQuiet() && !this._snooze.isOn;
  }

  /** What was suggested before and has a place here; null where the model is to be asked. */
  private async _fromCache(asked: Asked): Promise<IInlineCompletionList | null> {
    const { spot, turn, isInvoked } = asked;
    const hit = this._asker.cache.find(spot.scope, spot);
    if (!hit?.rest) {
      spot.yieldTab();
    }
    if (!hit) {
      return null;
    }
    if (this._asker.cache.siblings(hit.answer).every(({ isWhole }) => isWhole)) {
      // What is under way was asked for at another place.
      this._asker.stop();
    }
    if (hit.rest || !hit.answer.isWhole) {
      const list = await this._firstOf(hit.answer, asked);
      if (list || turn !== this._turn) {
        return list ?? NOTHING;
      }
    }
    // All of it stands in the text already. Nothing follows, if it was the model that ended it.
    const isUsedUp = restAt(hit.answer, spot) === '' && hit.answer.finish === 'stop';
    return isUsedUp && !isInvoked ? NOTHING : null;
  }

  private async _fromServer(asked: Asked): Promise<IInlineCompletionList> {
    if (!(await this._mayAsk(asked))) {
      return NOTHING;
    }
    return (await this._firstOf(this._asker.ask(asked.spot), asked)) ?? NOTHING;
  }

  /** Ends older work and waits for a pause in typing; whether a request is still wanted then. */
  private async _mayAsk({ spot, turn, isInvoked }: Asked): Promise<boolean> {
    this._asker.stop();
    if (isInvoked) {
      return true;
    }
    const isManual = this._settings.current.trigger === 'manual';
    if (isManual || isInWord(spot) || !(await this._asker.rest()) || turn !== this._turn) {
      return false;
    }
    const here = spot.now();
    return this._isTypedAt(spot) && here?.prefix === spot.prefix && here.suffix === spot.suffix;
  }

  /** What can be chosen at a place with one candidate more, if the model finds another; null where none is shown. */
  private async _another(asked: Asked): Promise<IInlineCompletionList | null> {
    const { spot, turn } = asked;
    const hit = this._asker.cache.find(spot.scope, spot);
    if (!hit?.rest) {
      return null;
    }
    const known = this._asker.cache.siblings(hit.answer);
    const last = known[known.length - 1].variant;
    const place = hit.answer.prefix === spot.prefix ? spot : null;
    for (let variant = last + 1; place && variant < CANDIDATES; variant++) {
      const answer = this._asker.ask(place, variant);
      if (await answer.isOtherThan(known)) {
        break;
      }
    }
    return turn === this._turn ? this._firstOf(hit.answer, asked) : NOTHING;
  }

  /** An answer's first text at a spot, with what else can be chosen; null where it has none, or fits no longer. */
  private async _firstOf(answer: Answer, asked: Asked): Promise<IInlineCompletionList | null> {
    const { spot, turn, isInvoked } = asked;
    while (turn === this._turn) {
      const change = answer.changed;
      const rest = restAt(answer, spot);
      if (rest === null) {
        return null;
      }
      if (answer.isWhole || rest) {
        if (!rest) {
          const empty = this._item(answer, rest, isInvoked);
          return empty.error ? { items: [empty] } : null;
        }
        this._guard(answer, asked);
        if (answer.isWhole) {
          this._askAhead(answer, rest, asked);
        }
        return { items: this._choice(answer, asked) };
      }
      await change;
    }
    return null;
  }

  /** One item for each different text that fits, the likeliest first. */
  private _choice(answer: Answer, asked: Asked): IInlineCompletionItem[] {
    const { spot, turn, isInvoked } = asked;
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
        item.token = `${turn}.${sibling.variant}`;
        const needsFocus = spot.hasFocus();
        this._showing.set(item.token, { answer: sibling, asked, shown: rest, needsFocus });
      }
      return [item];
    });
  }

  private _askAhead(answer: Answer, rest: string, { spot, turn }: Asked): void {
    if (turn === this._turn && rest && answer.isKeepable && !answer.variant) {
      this._asker.askAhead(spot.after(rest));
    }
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
  private _reason: Reason | null = null;
  private readonly _asker: Asker;
  private readonly _answers = new WeakMap<IInlineCompletionItem, Answer>();
  /** By the token that JupyterLab hands back to `stream`. */
  private readonly _showing = new Map<string, Showing>();
  private readonly _settings: Settings;
  private readonly _preferences: Preferences;
  private readonly _snooze: Pick<Snooze, 'isOn'>;
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
