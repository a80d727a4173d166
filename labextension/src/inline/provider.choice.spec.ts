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

/** Has a suggestion shown, whole. */
async function suggest(text: string): Promise<void> {
  await bench.type('x = ');
  await bench.last.say(text);
  await bench.last.end();
}

const texts = () => bench.items.map(item => item.insertText);

describe('another candidate', () => {
  beforeEach(() => suggest('42 + 1'));

  it('stands behind the first one as soon as it says something else', async () => {
    await bench.more();
    expect(bench.last.question).toMatchObject({ variant: 1 });
    await bench.last.say('4');
    expect(texts()).toEqual(['42 + 1']);
    await bench.last.say('3');

    expect(texts()).toEqual(['42 + 1', '43']);
  });

  it('that says the same is passed over for the next one', async () => {
    await bench.more();
    await bench.last.say('42 + 1');
    await bench.last.end();
    expect(bench.last.question).toMatchObject({ variant: 2 });
    await bench.last.say('sum');

    expect(texts()).toEqual(['42 + 1', 'sum']);
  });

  it('is asked for as long as there are fewer than three', async () => {
    for (const text of ['a', 'b']) {
      expect(bench.provider.canAddTo(bench.provider.answerOf(bench.items[0])!)).toBe(true);
      await bench.more();
      await bench.last.say(text);
      await bench.last.end();
    }

    expect(texts()).toEqual(['42 + 1', 'a', 'b']);
    expect(bench.provider.canAddTo(bench.provider.answerOf(bench.items[0])!)).toBe(false);
  });

  it('stays beside the others while one types what they begin with', async () => {
    await bench.more();
    await bench.last.say('43');
    await bench.last.end();
    await bench.type('4', 0);

    expect(texts()).toEqual(['2 + 1', '3']);
    expect(bench.exchanges).toHaveLength(2);
  });
});

describe('what follows a suggestion', () => {
  it('is asked for when it is shown whole, and is there when it is accepted', async () => {
    await suggest('42');
    expect(bench.ahead.map(({ question }) => question)).toEqual([
      { offset: 6, max_tokens: 64, ahead: true }
    ]);
    await bench.ahead[0].say(' + 1');
    await bench.ahead[0].end();
    await bench.accept();

    expect(bench.promised).toBe('x = 42 + 1');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('goes on growing where it was accepted before it was whole', async () => {
    await suggest('42');
    await bench.type('42', 0);
    await bench.ahead[0].say(' + 1');

    expect(bench.promised).toBe('x = 42 + 1');
    expect(bench.exchanges).toHaveLength(1);
  });

  it('that comes to nothing only after it was accepted is not asked for again', async () => {
    await suggest('42');
    await bench.type('42', 0);
    await bench.ahead[0].end();
    await vi.advanceTimersByTimeAsync(500);

    expect(bench.items).toEqual([]);
    expect(bench.exchanges).toHaveLength(1);
  });

  it('is given up where something else is typed', async () => {
    await suggest('42');
    await bench.type('y', 0);

    expect(bench.ahead[0].signal.aborted).toBe(true);
  });

  it('is not asked for in manual mode, nor against the wish of the user', async () => {
    bench.set({ trigger: 'manual' });
    await bench.ask(0, 0);
    await bench.last.say('42');
    await bench.last.end();
    bench.set({ trigger: 'automatic' });
    bench.wish({ askAhead: false });
    await suggest('42');

    expect(bench.ahead).toHaveLength(0);
  });
});

describe('nobody who types is disturbed', () => {
  it('where the keys are for somebody or something else', async () => {
    bench.isQuiet = false;
    await bench.type('x = ');
    expect(bench.exchanges).toHaveLength(0);
    await bench.ask(0, 0);

    expect(bench.exchanges).toHaveLength(1);
  });

  it('while suggestions are snoozed, unless one is asked for', async () => {
    bench.snooze.start(5);
    await bench.type('x = ');
    expect(bench.exchanges).toHaveLength(0);
    await bench.ask(0, 0);
    expect(bench.exchanges).toHaveLength(1);
    bench.snooze.start(0);
    await bench.type('y');

    expect(bench.exchanges).toHaveLength(2);
  });

  it('in a language or a notebook in which suggestions are off, even where one is asked for', async () => {
    bench.wish({ languagesOff: ['python'] });
    await bench.type('x = ');
    await bench.ask(0);
    bench.wish({});
    bench.isOff = true;
    bench.quiet.set({ brief: 'off', whole: 'Suggestions are off.' });
    await bench.type('1');
    expect(bench.shown).toBeNull();
    await bench.ask(0);

    expect(bench.exchanges).toHaveLength(0);
    expect(bench.shown?.error).toEqual({ message: 'Suggestions are off.' });
  });

  it('where an administrator has switched completion off', async () => {
    bench.settings.heed({ ...bench.settings.word, disabled: ['complete'] });
    await bench.ask(0);

    expect(bench.exchanges).toHaveLength(0);
  });

  it('in the middle of a word', async () => {
    bench.behind = 'name';
    await bench.type('file');
    expect(bench.exchanges).toHaveLength(0);
    await bench.type('_x(');

    expect(bench.exchanges).toHaveLength(1);
  });
});

describe('the pause before a request', () => {
  beforeEach(async () => {
    for (const key of 'abcdefgh') {
      await bench.type(key, 100);
    }
  });

  it('follows the rhythm of typing', async () => {
    await vi.advanceTimersByTimeAsync(24);
    expect(bench.exchanges).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);

    expect(bench.exchanges).toHaveLength(1);
  });

  it('is the one that is set where the user or an administrator wants that', async () => {
    bench.wish({ adaptivePause: false });
    await bench.type('i', 149);
    expect(bench.exchanges).toHaveLength(0);
    bench.wish({});
    bench.settings.heed({ ...bench.settings.word, locked: ['debounceMs'] });
    await bench.type('j', 149);

    expect(bench.exchanges).toHaveLength(0);
  });
});

it('a reason of ours is heard instead of what JupyterLab says', async () => {
  bench.set({ trigger: 'manual' });
  bench.provider.askFor('typed', () => void bench.ask(0));
  await vi.advanceTimersByTimeAsync(300);

  expect(bench.exchanges).toHaveLength(0);
});
