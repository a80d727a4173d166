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

  it('ends the request of a place that one came back from', async () => {
    await bench.type('y');
    expect(bench.exchanges).toHaveLength(2);
    await bench.erase(1, 0);

    expect(bench.promised).toBe('x = 42 + 1');
    expect(bench.last.signal.aborted).toBe(true);
  });

  it('asks nothing after an accepted text behind which nothing follows', async () => {
    await bench.ahead[0].end();
    await bench.accept();

    expect(bench.shown).toBeNull();
    expect(bench.exchanges).toHaveLength(1);
  });

  it('asks again after an accepted text where somebody wants more', async () => {
    await bench.ahead[0].end();
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
  bench.wish({ askAhead: false });
  await bench.type('x = ');
  await bench.last.say('[1, 2');
  await bench.last.end('length');
  await bench.accept();

  expect(bench.exchanges).toHaveLength(2);
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
