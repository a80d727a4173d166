import { expect, it, vi } from 'vitest';

import { Typing } from './typing';

/** A shared text that a test edits. */
function sharedText() {
  const tell: ((edit: object, transaction: object) => void)[] = [];
  const text = { ysource: { observe: (one: (typeof tell)[0]) => tell.push(one) } };
  const edit = (insert: string, local = true) =>
    tell.forEach(one => one({ delta: [{ retain: 1 }, { insert }] }, { local }));
  return { text, edit };
}

it('tells whose edit was the last one', () => {
  const typing = new Typing();
  const { text, edit } = sharedText();
  typing.watch(text);
  edit('a', false);
  expect(typing.isElsewhere(text)).toBe(true);
  edit('b');

  expect(typing.isElsewhere(text)).toBe(false);
});

it('tells once of a new line on this page, with its indentation', () => {
  const typing = new Typing();
  const { text, edit } = sharedText();
  typing.watch(text);
  typing.watch(text);
  const entered = vi.fn();
  typing.entered.connect(entered);
  edit('\n', false);
  edit('x\ny');
  expect(entered).not.toHaveBeenCalled();
  edit('\n    ');

  expect(entered).toHaveBeenCalledOnce();
});

it('follows a text that is not shared as little as it can be', () => {
  const typing = new Typing();
  typing.watch({});

  expect(typing.isElsewhere({})).toBe(false);
});
