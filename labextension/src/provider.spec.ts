import type { IInlineCompletionItem } from '@jupyterlab/completer';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { AnswerEvent } from './api';
import { splitAt } from './codepoints';
import { Failure } from './failure';
import { StarcoderProvider } from './provider';
import type { Page } from './requests';
import { Settings } from './settings';
import type { Options } from './settings';
import type { InlineContext, Spot } from './spot';
import type { CompleteRequest, Finish } from './wire';

const PAGE: Page = { cells: [], current: 0, language: 'python', path: '' };

/** One request as the server sees it: the test answers it piece by piece. */
class Exchange {
  constructor(
    readonly question: Pick<CompleteRequest, 'offset' | 'max_tokens'>,
    readonly signal: AbortSignal
  ) {}

  say(text: string): Promise<void> {
    return this._push({ type: 'text', text });
  }

  end(finish: Finish = 'stop'): Promise<void> {
    return this._push({ type: 'done', finish, model: '', timings: {} as never }, true);
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
class Bench {
  text = '';
  behind = '';
  scope = 'cell';
  hasFocus = true;
  shown: IInlineCompletionItem | null = null;
  readonly exchanges: Exchange[] = [];
  readonly settings = new Settings();
  /** Called at each edit that JupyterLab does not tell providers of. */
  onEdit = () => {};
  askAgain = vi.fn();
  yieldTab = vi.fn();

  readonly provider = new StarcoderProvider({
    requests: {
      complete: (_page, question, signal) => {
        const exchange = new Exchange(question, signal);
        this.exchanges.push(exchange);
        return exchange.events();
      }
    },
    settings: this.settings,
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
        this.shown = items[0] ?? null;
        void this._stream(this.shown);
      }
    });
    await vi.advanceTimersByTimeAsync(waitMs);
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
      yieldTab: this.yieldTab,
      onNextEdit: callback => (this.onEdit = callback),
      askAgain: this.askAgain
    };
  }

  private _turn = 0;
}

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a suggestion', () => {
  it('is asked for after a pause, with the cursor in code points', async () => {
    await bench.type('🎈 = ', 100);
    expect(bench.exchanges).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(100);

    expect(bench.exchanges.map(exchange => exchange.question)).toEqual([
      { offset: 4, max_tokens: 64 }
    ]);
  });

  it('is asked for once where keys come quickly', async () => {
    await bench.type('x', 50);
    await bench.type(' ', 50);
    await bench.type('=');

    expect(bench.exchanges).toHaveLength(1);
  });

  it('shows nothing before its first text, so that Tab stays with the editor', async () => {
    await bench.type('x = ');
    expect(bench.shown).toBeNull();
    await bench.last.say('4');

    expect(bench.shown).toMatchObject({ insertText: '4', isIncomplete: true });
  });

  it('grows with its stream to the whole text', async () => {
    await bench.type('x = ');
    await bench.last.say('4');
    await bench.last.say('2 + 1');
    expect(bench.promised).toBe('x = 42 + 1');
    await bench.last.end();

    expect(bench.shown).toEqual({
      insertText: '42 + 1',
      isIncomplete: false,
      token: expect.anything(),
      error: undefined
    });
  });

  it('that comes to nothing shows nothing, and gives Tab back that JupyterLab took meanwhile', async () => {
    await bench.type('x = ');
    bench.yieldTab.mockClear();
    await bench.last.end();

    expect(bench.shown).toBeNull();
    expect(bench.yieldTab).toHaveBeenCalledOnce();
  });

  it('that is out of date leaves Tab to the newer one', async () => {
    await bench.type('x = ');
    const first = bench.last;
    await bench.type('y');
    bench.yieldTab.mockClear();
    await first.end();

    expect(bench.yieldTab).not.toHaveBeenCalled();
  });
});

describe('typing', () => {
  it('through a stream never doubles a character', async () => {
    await bench.type('df');
    await bench.last.say('.groupby');
    for (const key of '.gr') {
      await bench.type(key, 0);
      await bench.last.say('!');
      expect(bench.promised).toBe(`df.groupby${'!'.repeat('.gr'.indexOf(key) + 1)}`);
    }
    await bench.last.end();

    expect(bench.promised).toBe('df.groupby!!!');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('faster than the stream waits for it to catch up', async () => {
    await bench.type('x = ');
    await bench.last.say('4');
    await bench.type('42', 0);
    await bench.last.say('2 + 1');

    expect(bench.promised).toBe('x = 42 + 1');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('faster than the stream and something else asks anew', async () => {
    await bench.type('x = ');
    await bench.last.say('4');
    await bench.type('43', 0);
    const first = bench.last;
    await first.say('2 + 1');
    await vi.advanceTimersByTimeAsync(200);

    expect(first.signal.aborted).toBe(true);
    expect(bench.exchanges).toHaveLength(2);
    expect(bench.shown).toBeNull();
  });

  it('something else ends the request and asks anew', async () => {
    await bench.type('x = ');
    await bench.last.say('42');
    const first = bench.last;
    await bench.type('y');
    await first.say('+ 1');

    expect(first.signal.aborted).toBe(true);
    expect(bench.exchanges).toHaveLength(2);
    expect(bench.shown).toBeNull();
  });

  it('before the first text ends the request', async () => {
    await bench.type('x');
    const first = bench.last;
    await bench.type(' ');

    expect(first.signal.aborted).toBe(true);
    expect(bench.exchanges).toHaveLength(2);
  });

  it('an opening bracket that the editor closes keeps what was suggested', async () => {
    await bench.type('print');
    await bench.last.say('("a")');
    await bench.last.end();
    bench.behind = ')';
    await bench.type('(', 0);

    expect(bench.promised).toBe('print("a")');
    expect(bench.exchanges).toHaveLength(1);
  });
});

describe('the cache', () => {
  beforeEach(async () => {
    await bench.type('x = ');
    await bench.last.say('42 + 1');
    await bench.last.end();
  });

  it('answers at once and without a request while one types through', async () => {
    await bench.type('42', 0);

    expect(bench.shown).toMatchObject({ insertText: ' + 1', isIncomplete: false });
    expect(bench.exchanges).toHaveLength(1);
  });

  it('answers at once after a deletion', async () => {
    await bench.type('42', 0);
    await bench.erase(2, 0);

    expect(bench.promised).toBe('x = 42 + 1');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('asks nothing after an accepted text that the model ended itself', async () => {
    await bench.accept();

    expect(bench.shown).toBeNull();
    expect(bench.exchanges).toHaveLength(1);
  });

  it('asks again after an accepted text where somebody wants more', async () => {
    await bench.accept();
    await bench.ask(0);

    expect(bench.exchanges).toHaveLength(2);
  });

  it('does not answer in a notebook that changed elsewhere', async () => {
    bench.scope = 'cell, others changed';
    await bench.type('42');

    expect(bench.exchanges).toHaveLength(2);
  });

  it('is empty once other settings hold', async () => {
    bench.set({ maxTokens: 8 });
    await bench.type('42');

    expect(bench.last.question.max_tokens).toBe(8);
  });
});

it('an accepted text that was cut at its longest length goes on', async () => {
  await bench.type('x = ');
  await bench.last.say('[1, 2');
  await bench.last.end('length');
  await bench.accept();

  expect(bench.exchanges).toHaveLength(2);
});

describe('no request is made', () => {
  it('when completion is off, even where it is asked for', async () => {
    bench.set({ enabled: false });
    await bench.type('x = ');
    await bench.ask(0);

    expect(bench.exchanges).toHaveLength(0);
  });

  it('in manual mode before it is asked for, then without a pause', async () => {
    bench.set({ trigger: 'manual' });
    await bench.type('x = ');
    expect(bench.exchanges).toHaveLength(0);
    await bench.ask(0, 0);

    expect(bench.exchanges).toHaveLength(1);
  });

  it('in manual mode while one types through what was asked for', async () => {
    bench.set({ trigger: 'manual' });
    await bench.ask(0, 0);
    await bench.last.say('42');
    await bench.type('4', 0);

    expect(bench.promised).toBe('42');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('for an editor that lost the focus, before or during the pause', async () => {
    await bench.type('x = ', 100);
    bench.hasFocus = false;
    await vi.advanceTimersByTimeAsync(100);
    await bench.type('y');

    expect(bench.exchanges).toHaveLength(0);
  });

  it('for a cursor that went elsewhere during the pause', async () => {
    await bench.type('x = ', 100);
    bench.behind = bench.text;
    bench.text = '';
    await vi.advanceTimersByTimeAsync(100);

    expect(bench.exchanges).toHaveLength(0);
  });
});

describe('a failure', () => {
  it('before any text is shown as an error', async () => {
    await bench.type('x = ');
    await bench.last.fail('the engine ended: try again');

    expect(bench.shown).toMatchObject({
      insertText: '',
      error: { message: 'the engine ended: try again' }
    });
  });

  it('in the middle keeps the text and shows the error', async () => {
    await bench.type('x = ');
    await bench.last.say('42');
    await bench.last.fail('the engine ended');

    expect(bench.shown).toMatchObject({ insertText: '42', error: { message: 'the engine ended' } });
  });

  it('is forgotten: the next key asks again', async () => {
    await bench.type('x = ');
    await bench.last.fail('the engine ended');
    await bench.type('4');

    expect(bench.exchanges).toHaveLength(2);
  });

  it('that only says "not ready yet" is told once to who types, and always to who asks', async () => {
    const notReady = () => bench.last.fail('being loaded', 'model_not_ready');
    await bench.type('x');
    await notReady();
    expect(bench.shown?.error).toBeDefined();
    await bench.type('y');
    await notReady();
    expect(bench.shown).toBeNull();
    await bench.ask(0);
    await notReady();

    expect(bench.shown?.error).toBeDefined();
  });
});

describe('leaving the editor', () => {
  it('dismisses what still grows and ends its request', async () => {
    await bench.type('x = ');
    await bench.last.say('4');
    bench.hasFocus = false;
    await bench.last.say('2');

    expect(bench.shown?.insertText).toBe('4');
    expect(bench.last.signal.aborted).toBe(true);
  });
});

describe('white space typed through a suggestion on an empty line', () => {
  beforeEach(async () => {
    bench.text = 'if a:\n';
    await bench.ask(0, 0);
    await bench.last.say('    return 1');
    await bench.last.end();
  });

  it('has JupyterLab ask again, since it keeps the place of the accepted text from before', () => {
    bench.text += '    ';
    bench.onEdit();

    expect(bench.askAgain).toHaveBeenCalledOnce();
  });

  it('does not where something else was typed', () => {
    bench.text += '\t';
    bench.onEdit();

    expect(bench.askAgain).not.toHaveBeenCalled();
  });
});
