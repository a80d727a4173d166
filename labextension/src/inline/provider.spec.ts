import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Bench } from '../testing/bench';

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
