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
import type { Asked } from './asked';
import { Asker } from './asker';
import { Gate } from './gate';
import { Items } from './items';
import type { Preferences } from './preferences';
import { restAt } from './remainder';
import type { Quiet } from '../quiet';
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

/** Why JupyterLab asks: a key, a person who wants a suggestion, or one who wants another. */
type Reason = 'typed' | 'invoked' | 'another';

/**
 * Suggests code at the cursor.
 *
 * A `Gate` says whether and when, an `Asker` has the answers of the model, `Items` are what is shown of them.
 */
export class StarcoderProvider implements IInlineCompletionProvider {
  constructor(options: {
    requests: Pick<Requests, 'complete'>;
    settings: Settings;
    preferences: Preferences;
    snooze: Pick<Snooze, 'isOn'>;
    quiet: Pick<Quiet, 'reason'>;
    /** The place from which JupyterLab asks; null where there is no code to complete. */
    spotOf: (request: CompletionHandler.IRequest, context: InlineContext) => Spot | null;
    icon: LabIcon;
    trans: TranslationBundle;
  }) {
    this._asker = new Asker(options);
    this._gate = new Gate({ ...options, asker: this._asker });
    this._items = new Items(this._asker);
    this._quiet = options.quiet;
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
    options.settings.changed.connect(() => this.forget());
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
    this._items.clear();
  }

  /** The answer out of which something is shown; null for what others suggest. */
  answerOf(item: IInlineCompletionItem | null | undefined): Answer | null {
    return this._items.answerOf(item);
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
   * What the cache holds comes at once. Else this waits for the first text of the model's answer.
   */
  async fetch(
    request: CompletionHandler.IRequest,
    context: InlineContext
  ): Promise<IInlineCompletionList> {
    const turn = ++this._turn;
    this._items.clear();
    const reason = this._reason ?? (context.triggerKind === INVOKED ? 'invoked' : 'typed');
    const isInvoked = reason !== 'typed';
    if (!isInvoked) {
      this._asker.rhythm.key(performance.now());
    }
    const spot = this._gate.isOpen ? this._spotOf(request, context) : null;
    this._asker.ahead.keepFor(spot);
    if (!spot || !this._gate.isOpenAt(spot, isInvoked)) {
      this._asker.stop();
      return { items: spot && reason === 'invoked' ? this._refusal() : [] };
    }
    const asked: Asked = { spot, isInvoked, isLatest: () => turn === this._turn };
    const another = reason === 'another' ? await this._another(asked) : null;
    const items = another ?? (await this._fromCache(asked)) ?? (await this._fromServer(asked));
    if (!items.length && asked.isLatest()) {
      // Meanwhile JupyterLab may have drawn what was left of an older suggestion, be it nothing.
      spot.yieldTab();
    }
    return { items };
  }

  /** The rest of an item that was handed out before it was whole. */
  stream(token: string): AsyncGenerator<{ response: IInlineCompletionItem }> {
    return this._items.growthOf(token);
  }

  /** What was suggested before and has a place here; null where the model is to be asked. */
  private async _fromCache(asked: Asked): Promise<IInlineCompletionItem[] | null> {
    const { spot, isInvoked } = asked;
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
      const items = await this._items.firstOf(hit.answer, asked);
      if (items || !asked.isLatest()) {
        return items ?? [];
      }
    }
    // All of it stands in the text already. Nothing follows, if it was the model that ended it.
    const isUsedUp = restAt(hit.answer, spot) === '' && hit.answer.finish === 'stop';
    return isUsedUp && !isInvoked ? [] : null;
  }

  private async _fromServer(asked: Asked): Promise<IInlineCompletionItem[]> {
    this._asker.stop();
    if (!(await this._gate.letsAsk(asked))) {
      return [];
    }
    return (await this._items.firstOf(this._asker.ask(asked.spot), asked)) ?? [];
  }

  /** What can be chosen at a place with one candidate more, if the model finds another; null where none is shown. */
  private async _another(asked: Asked): Promise<IInlineCompletionItem[] | null> {
    const { spot } = asked;
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
    return asked.isLatest() ? this._items.firstOf(hit.answer, asked) : [];
  }

  /** Says to who asks for a suggestion why there is none. */
  private _refusal(): IInlineCompletionItem[] {
    const { reason } = this._quiet;
    return reason ? [{ insertText: '', error: { message: reason.whole } }] : [];
  }

  private _turn = 0;
  private _reason: Reason | null = null;
  private readonly _quiet: Pick<Quiet, 'reason'>;
  private readonly _asker: Asker;
  private readonly _gate: Gate;
  private readonly _items: Items;
  private readonly _spotOf: (
    request: CompletionHandler.IRequest,
    context: InlineContext
  ) => Spot | null;
}
