import type { IInlineCompleterFactory } from '@jupyterlab/completer';
import { expect, it } from 'vitest';

import { undoAlone } from './undo';

/** A completer that notes what is done to its document. */
function factoryOf(undoManager: object | null | undefined, steps: string[]) {
  const editor = { model: { sharedModel: { undoManager } } };
  const factory = { factory: () => ({ editor, accept: () => steps.push('accept') }) };
  return factory as unknown as IInlineCompleterFactory;
}

it('separates an accepted suggestion from what is typed before and behind it', () => {
  const steps: string[] = [];
  const factory = factoryOf({ stopCapturing: () => steps.push('end step') }, steps);
  undoAlone(factory);
  factory.factory({}).accept();

  expect(steps).toEqual(['end step', 'accept', 'end step']);
});

it('accepts in a document that cannot undo', () => {
  const steps: string[] = [];
  for (const manager of [null, undefined]) {
    const factory = factoryOf(manager, steps);
    undoAlone(factory);
    factory.factory({}).accept();
  }

  expect(steps).toEqual(['accept', 'accept']);
});
