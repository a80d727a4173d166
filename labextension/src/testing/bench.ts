import type { IInlineCompletionItem } from '@jupyterlab/completer';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { vi } from 'vitest';

import type { AnswerEvent } from '../server/api';
import { splitAt } from '../document/codepoints';
import { Failure } from '../server/failure';
import { Preferences } from '../inline/preferences';
import type { Wishes } from '../inline/preferences';
import { StarcoderProvider } from '../inline/provider';
import { Snooze } from '../inline/snooze';
import { Quiet } from '../quiet';
import type { Page } from '../server/requests';
import { Settings } from '../settings';
import type { Options } from '../settings';
import type { InlineContext, Spot } from '../inline/spot';
import type { CompleteRequest, Finish } from '../wire';

const PAGE: Page = { cells: [], current: 0, language: 'python', path: '' };

/** One request as the server sees it: the test answers it piece by piece. */
export class Exchange {
  constructor(
    readonly question: Pick<CompleteRequest, 'offset' | 'max_tokens' | 'variant' | 'ahead'>,
    readonly signal: AbortSignal
  ) {}

  say(text: string): Promise<void> {
    return this._push({ type: 'text', text });
  }

  end(finish: Finish = 'stop'): Promise<void> {
    return this._push(
      { type: 'done', left_out_turns: 0, finish, model: '', timings: {} as never },
      true
    );
  }

  fail(message: string, code = 'engine_died'): Promise<void> {
    return this._push(new Failure({ code, message }), true);
  }

  async *events(): AsyncGenerator<AnswerEvent> {
    for (;;) {
      const next = this._queue.shift();
      if (next instanceof Failure) {
        throw next;
      }
      if (next) {
        yield next;
      } else if (this._isOver) {
        return;
      } else {
        await new Promise<void>(resolve => (this._wake = resolve));
      }
    }
  }

  private async _push(event: AnswerEvent | Failure, isLast = false): Promise<void> {
    this._queue.push(event);
    this._isOver ||= isLast;
    this._wake();
    await vi.advanceTimersByTimeAsync(0);
  }

  private readonly _queue: (AnswerEvent | Failure)[] = [];
  private _isOver = false;
  private _wake = () => {};
}

/** An editor that does with suggestions what JupyterLab does, and a server that the test speaks for. */
export class Bench {
  text = '';
  behind = '';
  scope = 'cell';
  hasFocus = true;
  isQuiet = true;
  isOff = false;
  shown: IInlineCompletionItem | null = null;
  /** All that can be chosen; the first one is shown. */
  items: IInlineCompletionItem[] = [];
  /** What was asked for the cursor, and apart from it what was asked ahead. */
  readonly exchanges: Exchange[] = [];
  readonly ahead: Exchange[] = [];
  readonly settings = new Settings();
  readonly preferences = new Preferences();
  readonly snooze = new Snooze();
  readonly quiet = new Quiet();
  /** Called at each edit that JupyterLab does not tell providers of. */
  onEdit = () => {};
  askAgain = vi.fn();
  yieldTab = vi.fn();

  readonly provider = new StarcoderProvider({
    requests: {
      complete: (_page, question, signal) => {
        const exchange = new Exchange(question, signal);
        (question.ahead ? this.ahead : this.exchanges).push(exchange);
        return exchange.events();
      }
    },
    settings: this.settings,
    preferences: this.preferences,
    snooze: this.snooze,
    quiet: this.quiet,
    spotOf: request => this._spot(splitAt(request.text, request.offset)),
    icon: {} as LabIcon,
    trans: nullTranslator.load('jupyter_starcoder')
  });

  set(options: Partial<Options>): void {
    this.settings.follow({
      composite: options,
      changed: { connect: () => true }
    } as unknown as ISettingRegistry.ISettings);
  }

  wish(wishes: Partial<Wishes>): void {
    this.preferences.follow({
      composite: wishes,
      changed: { connect: () => true }
    } as unknown as ISettingRegistry.ISettings);
  }

  get last(): Exchange {
    return this.exchanges[this.exchanges.length - 1];
  }

  /** Types a text at once; the suggestion is asked for as JupyterLab would. */
  async type(text: string, waitMs = 200): Promise<void> {
    this.text += text;
    const rest = this.shown?.insertText.startsWith(text)
      ? this.shown.insertText.slice(text.length)
      : null;
    this.shown =
      this.shown && rest !== null ? Object.assign(this.shown, { insertText: rest }) : null;
    await this.ask(1, waitMs);
  }

  async erase(count: number, waitMs = 200): Promise<void> {
    this.text = this.text.slice(0, -count);
    this.shown = null;
    await this.ask(1, waitMs);
  }

  async accept(): Promise<void> {
    await this.type(this.shown?.insertText ?? '');
  }

  async ask(triggerKind: 0 | 1, waitMs = 200): Promise<void> {
    const turn = ++this._turn;
    const offset = Array.from(this.text).length;
    const request = { text: this.text + this.behind, offset };
    void this.provider.fetch(request, { triggerKind } as InlineContext).then(({ items }) => {
      if (turn === this._turn) {
        this.items = items;
        this.shown = items[0] ?? null;
        void this._stream(this.shown);
      }
    });
    await vi.advanceTimersByTimeAsync(waitMs);
  }

  /** Asks for one more candidate, as the command for the next one does. */
  async more(waitMs = 0): Promise<void> {
    let asked = Promise.resolve();
    this.provider.askFor('another', () => (asked = this.ask(0, waitMs)));
    await asked;
  }

  /** The cell's text if the suggestion were accepted now. */
  get promised(): string {
    return this.text + (this.shown?.insertText ?? '') + this.behind;
  }

  private async _stream(item: IInlineCompletionItem | null): Promise<void> {
    if (item?.isIncomplete && item.token) {
      for await (const { response } of this.provider.stream(item.token)) {
        Object.assign(item, { insertText: response.insertText, error: response.error });
      }
      item.isIncomplete = false;
    }
  }

  private _spot([prefix, suffix]: [string, string]): Spot {
    return {
      prefix,
      suffix,
      scope: this.scope,
      offset: Array.from(prefix).length,
      page: PAGE,
      now: () => ({ prefix: this.text, suffix: this.behind }),
      hasFocus: () => this.hasFocus,
      isQuiet: () => this.hasFocus && this.isQuiet,
      isOff: this.isOff,
      after: text => ({
        prefix: prefix + text,
        suffix,
        scope: this.scope,
        offset: Array.from(prefix + text).length,
        page: PAGE
      }),
      yieldTab: this.yieldTab,
      onNextEdit: callback => (this.onEdit = callback),
      askAgain: this.askAgain
    };
  }

  private _turn = 0;
}
