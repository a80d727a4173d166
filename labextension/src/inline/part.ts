import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { InlineCompleter } from '@jupyterlab/completer';

import { inOwnStep } from './undo';

/** The first word of a text with the white space before it; where no word comes first, what stands there instead. */
export function firstWord(text: string): string {
  return /^\s*(?:[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]+)?/u.exec(text)?.[0] ?? '';
}

/** The first line of a text that says something, with the blank ones before it. */
export function firstLine(text: string): string {
  return /^\s*.*/.exec(text)?.[0] ?? '';
}

/**
 * Takes a part of what is suggested into the text.
 *
 * For JupyterLab this is typing: it keeps the rest as a suggestion, and no request is made for it.
 */
export function takePart(completer: InlineCompleter, partOf: (text: string) => string): void {
  const editor = completer.editor as CodeMirrorEditor | null;
  const text = completer.current?.insertText ?? '';
  const part = partOf(text);
  if (part === text) {
    completer.accept();
  } else if (editor) {
    inOwnStep(editor, () => {
      const { state } = editor.editor;
      editor.editor.dispatch(state.update(state.replaceSelection(part), { scrollIntoView: true }));
    });
  }
}
