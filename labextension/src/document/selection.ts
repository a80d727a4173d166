import type { CodeEditor } from '@jupyterlab/codeeditor';

import { wellFormed } from './codepoints';

/** What is selected in an editor, in UTF-16 units from the start of its text; empty at the cursor where nothing is. */
export function selectedSpan(editor: CodeEditor.IEditor): { first: number; last: number } {
  const { start, end } = editor.getSelection();
  const [first, last] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort((a, b) => a - b);
  return { first, last };
}

/** The text that is selected in an editor, whole characters all of it. */
export function selectedText(editor: CodeEditor.IEditor): string {
  const { first, last } = selectedSpan(editor);
  return wellFormed(editor.model.sharedModel.getSource().slice(first, last));
}
