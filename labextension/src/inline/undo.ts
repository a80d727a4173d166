import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IInlineCompleterFactory } from '@jupyterlab/completer';

/** What a shared document has besides what its type declares. */
interface Undoable {
  readonly undoManager?: { stopCapturing(): void } | null;
}

/**
 * Makes an accepted suggestion a step of undoing by itself.
 *
 * A document joins edits that follow one another within half a second: what was typed just before the suggestion, or
 * behind it, would be taken back with it.
 */
export function undoAlone(completers: IInlineCompleterFactory): void {
  const make = completers.factory.bind(completers);
  // In place, so that others who change the completer too are not shut out.
  completers.factory = options => {
    const completer = make(options);
    const accept = completer.accept.bind(completer);
    completer.accept = () => {
      const { editor } = completer;
      endStep(editor);
      accept();
      endStep(editor);
    };
    return completer;
  };
}

function endStep(editor: CodeEditor.IEditor | null | undefined): void {
  (editor?.model.sharedModel as Undoable | undefined)?.undoManager?.stopCapturing();
}
