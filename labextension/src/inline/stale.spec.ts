import type { InlineCompleter } from '@jupyterlab/completer';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { clearStale } from './stale';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What JupyterLab knows of suggestions, and how often all of them were taken off the page. */
function modelOf(items: object[]) {
  const model = {
    isDisposed: false,
    completions: { items } as object | null,
    filterTextChanged: new Signal<object, Map<number, number>>({}),
    reset: vi.fn()
  };
  clearStale({ model } as unknown as InlineCompleter);
  return model;
}

it('takes what is drawn off the page when no suggestion is left', () => {
  for (const left of [null, { items: [] }]) {
    const model = modelOf([{}]);
    model.completions = left;
    model.filterTextChanged.emit(new Map());
    expect(model.reset).not.toHaveBeenCalled();
    vi.runAllTimers();

    expect(model.reset).toHaveBeenCalledOnce();
  }
});

it('leaves what is still suggested, and what has come by then', () => {
  const model = modelOf([{}]);
  model.filterTextChanged.emit(new Map());
  vi.runAllTimers();
  model.completions = null;
  model.filterTextChanged.emit(new Map());
  model.completions = { items: [{}] };
  vi.runAllTimers();

  expect(model.reset).not.toHaveBeenCalled();
});
