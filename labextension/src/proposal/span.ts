import type { CodeCell } from '@jupyterlab/cells';

import { countOf } from '../document/codepoints';

/** What of a cell is selected, in code points from its start; nothing of it where nothing is. */
export function spanOf({ editor }: CodeCell): { start?: number; end?: number } {
  if (!editor) {
    return {};
  }
  const text = editor.model.sharedModel.getSource();
  const { start, end } = editor.getSelection();
  const [first, last] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort((a, b) => a - b);
  return first === last
    ? {}
    : { start: countOf(text.slice(0, first)), end: countOf(text.slice(0, last)) };
}
