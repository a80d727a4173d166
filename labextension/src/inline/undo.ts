import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { InlineCompleter } from '@jupyterlab/completer';

import { endStep } from '../document/step';

/** Makes each suggestion that is accepted a step of undoing by itself. */
export function undoAlone(completer: InlineCompleter): void {
  const accept = completer.accept.bind(completer);
  completer.accept = () => inOwnStep(completer.editor, accept);
}

/**
 * Changes a text in a step of undoing by itself.
 *
 * A document joins edits that follow one another within half a second: what was typed just before the change, or
 * behind it, would be taken back with it.
 */
export function inOwnStep(editor: CodeEditor.IEditor | null | undefined, change: () => void): void {
  const document = editor?.model.sharedModel;
  endStep(document);
  change();
  endStep(document);
}
