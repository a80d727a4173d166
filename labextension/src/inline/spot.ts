import { isCodeCellModel } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { CompletionHandler, IInlineCompletionContext } from '@jupyterlab/completer';
import { DocumentWidget } from '@jupyterlab/docregistry';
import { NotebookPanel } from '@jupyterlab/notebook';

import { named } from '../document/cells';
import { splitAt, wellFormed } from '../document/codepoints';
import type { NotebookReader } from '../document/notebook';
import type { Surroundings } from './remainder';
import type { Page } from '../server/requests';

/** The class that makes JupyterLab take Tab for "accept". */
const ACTIVE_CLASS = 'jp-mod-inline-completer-active';

/** Files in which there is no code to complete. */
const PROSE = new Set([
  'text/plain',
  'text/markdown',
  'text/x-markdown',
  'text/x-ipythongfm',
  'text/x-rst'
]);

/** What JupyterLab hands over besides what its types declare. */
export type InlineContext = IInlineCompletionContext & { editor?: CodeEditor.IEditor | null };

/** A place in a document at which code can be completed. */
export interface Spot extends Surroundings {
  /** The document, the cell and all other cells by their content: a suggestion holds only while these are the same. */
  readonly scope: string;
  /** Code points before the cursor. */
  readonly offset: number;
  readonly page: Page;
  /** The text around the cursor by now; null where the editor is gone. */
  now(): Surroundings | null;
  hasFocus(): boolean;
  /** Gives the Tab key back to the editor: no suggestion is shown here any more. */
  yieldTab(): void;
  /** Calls back after the next change of the text, once the editor has taken it in. */
  onNextEdit(callback: () => void): void;
  /** Has JupyterLab ask for completions here again. */
  askAgain(): void;
}

/** The place from which JupyterLab asks for a completion; null where there is no code to complete. */
export function spotOf(
  request: CompletionHandler.IRequest,
  context: InlineContext,
  { reader, invoke }: { reader: NotebookReader; invoke: (widgetId: string) => void }
): Spot | null {
  const { editor, widget } = context;
  if (!editor) {
    return null;
  }
  const place =
    widget instanceof NotebookPanel
      ? cellPlace(widget, editor, reader)
      : filePlace(request, context);
  if (!place) {
    return null;
  }
  const [prefix, suffix] = splitAt(request.text, request.offset);
  return {
    ...place,
    prefix,
    suffix,
    offset: request.offset,
    now: () => around(editor),
    hasFocus: () => !editor.isDisposed && editor.hasFocus(),
    yieldTab: () => editor.host.classList.remove(ACTIVE_CLASS),
    onNextEdit: callback => onNextEdit(editor, callback),
    askAgain: () => invoke(widget.id)
  };
}

type Place = Pick<Spot, 'scope' | 'page'>;

function cellPlace(
  panel: NotebookPanel,
  editor: CodeEditor.IEditor,
  reader: NotebookReader
): Place | null {
  const current = panel.content.widgets.findIndex(cell => cell.editor === editor);
  const cell = panel.content.widgets[current];
  if (!cell || !isCodeCellModel(cell.model)) {
    return null;
  }
  const page = reader.read(panel, current);
  const others = page.cells.map((other, index) => (index === current ? '' : other.hash));
  const runs = panel.content.widgets.map(({ model }) =>
    isCodeCellModel(model) ? model.executionCount : null
  );
  return { page, scope: [panel.id, cell.model.id, page.language, ...others, ...runs].join(' ') };
}

function filePlace(request: CompletionHandler.IRequest, context: InlineContext): Place | null {
  const mimeType = request.mimeType ?? '';
  if (PROSE.has(mimeType)) {
    return null;
  }
  const { widget } = context;
  const path = widget instanceof DocumentWidget ? widget.context.path : '';
  const language = mimeType.replace(/^(text|application)\/(x-)?/, '').replace('ipython', 'python');
  const cells = [named('code', wellFormed(request.text), [])];
  return { page: { cells, current: 0, language, path }, scope: [widget.id, language].join(' ') };
}

function around(editor: CodeEditor.IEditor): Surroundings | null {
  if (editor.isDisposed) {
    return null;
  }
  const text = editor.model.sharedModel.getSource();
  const at = editor.getOffsetAt(editor.getCursorPosition());
  return { prefix: text.slice(0, at), suffix: text.slice(at) };
}

function onNextEdit(editor: CodeEditor.IEditor, callback: () => void): void {
  const { sharedModel } = editor.model;
  const listen = (_: unknown, change: { sourceChange?: unknown }) => {
    if (change.sourceChange) {
      sharedModel.changed.disconnect(listen);
      setTimeout(callback);
    }
  };
  sharedModel.changed.connect(listen);
}
