import type { InlineCompleter } from '@jupyterlab/completer';
import { expect, it } from 'vitest';

import { undoAlone } from './undo';

/** A completer that notes what is done to its document. */
function completerOf(undoManager: object | null | undefined, steps: string[]) {
  const editor = { model: { sharedModel: { undoManager } } };
  return { editor, accept: () => steps.push('accept') } as unknown as InlineCompleter;
}

it('separates an accepted suggestion from what is typed before and behind it', () => {
  const steps: string[] = [];
  const completer = completerOf({ stopCapturing: () => steps.push('end step') }, steps);
  undoAlone(completer);
  completer.accept();

  expect(steps).toEqual(['end step', 'accept', 'end step']);
});

it('accepts in a document that cannot undo', () => {
  const steps: string[] = [];
  for (const manager of [null, undefined]) {
    const completer = completerOf(manager, steps);
    undoAlone(completer);
    completer.accept();
  }

  expect(steps).toEqual(['accept', 'accept']);
});
