import { isCodeCellModel } from '@jupyterlab/cells';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { CompletionHandler, IInlineCompletionContext } from '@jupyterlab/completer';
import { DocumentWidget } from '@jupyterlab/docregistry';
import { NotebookPanel } from '@jupyterlab/notebook';

import { named } from '../document/cells';
import { splitAt, wellFormed } from '../document/codepoints';
import type { NotebookReader } from '../document/notebook';
import type { Surroundings } from './remainder';
import type { Page } from '../server/requests';
import type { Typing } from './typing';

/** The class that marks the editor over which the popup of completions is open. */
const POPUP_CLASS = 'jp-mod-completer-active';

/** What a notebook's metadata hold of us. */
export const METADATA = 'starcoder';

/** The output of a cell that is a widget. */
const WIDGET = 'application/vnd.jupyter.widget-view+json';

/** The class that makes JupyterLab take Tab for "accept". */
export const ACTIVE_CLASS = 'jp-mod-inline-completer-active';

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
export interface Place extends Surroundings {
  /** The document, the cell and all other cells by their content: a suggestion holds only while these are the same. */
  readonly scope: string;
  /** Code points before the cursor. */
  readonly offset: number;
  readonly page: Page;
}

/** A place at which somebody's cursor stands. */
export interface Spot extends Place {
  /** The text around the cursor by now; null where the editor is gone. */
  now(): Surroundings | null;
  hasFocus(): boolean;
  /** Whether the person types here: not in the popup of completions, nor into a widget, and nobody else does. */
  isQuiet(): boolean;
  /** Whether suggestions are switched off for the notebook. */
  readonly isOff: boolean;
  /** The place behind a text that would be accepted here. */
  after(text: string): Place;
  /** Gives the Tab key back to the editor: no suggestion is shown here any more. */
  yieldTab(): void;
  /** Calls back after the next change of the text, once the editor has taken it in. */
  onNextEdit(callback: () => void): void;
  /** Has JupyterLab ask for completions here again. */
  askAgain(): void;
}

interface SpotOptions {
  readonly reader: NotebookReader;
  readonly typing: Pick<Typing, 'isElsewhere'>;
  readonly invoke: (widgetId: string) => void;
}

/** The place from which JupyterLab asks for a completion; null where there is no code to complete. */
export function spotOf(
  request: CompletionHandler.IRequest,
  context: InlineContext,
  { reader, typing, invoke }: SpotOptions
): Spot | null {
  const { editor, widget } = context;
  if (!editor || editor.getOption('readOnly')) {
    return null;
  }
  const ground =
    widget instanceof NotebookPanel
      ? cellGround(widget, editor, reader)
      : fileGround(request, context);
  if (!ground) {
    return null;
  }
  const [prefix, suffix] = splitAt(request.text, request.offset);
  return {
    scope: ground.scope,
    page: ground.page,
    isOff: ground.isOff,
    prefix,
    suffix,
    offset: request.offset,
    now: () => around(editor),
    hasFocus: () => !editor.isDisposed && editor.hasFocus(),
    isQuiet: () =>
      !editor.isDisposed &&
      editor.hasFocus() &&
      !editor.host.classList.contains(POPUP_CLASS) &&
      !typing.isElsewhere(editor.model.sharedModel) &&
      !ground.runsWidget(),
    after: text => after(ground, { prefix: prefix + text, suffix }),
    yieldTab: () => editor.host.classList.remove(ACTIVE_CLASS),
    onNextEdit: callback => onNextEdit(editor, callback),
    askAgain: () => invoke(widget.id)
  };
}

/** Where in the document a spot lies. */
interface Ground extends Pick<Place, 'scope' | 'page'> {
  readonly isOff: boolean;
  runsWidget(): boolean;
}

function cellGround(
  panel: NotebookPanel,
  editor: CodeEditor.IEditor,
  reader: NotebookReader
): Ground | null {
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
  const { model } = cell;
  return {
    page,
    scope: [panel.id, model.id, page.language, ...others, ...runs].join(' '),
    isOff: isOffIn(panel),
    runsWidget: () => runsWidget(model)
  };
}

/** Whether suggestions are switched off in a notebook, by a word in its metadata. */
export function isOffIn({ content: { model } }: NotebookPanel): boolean {
  const own = model?.sharedModel.getMetadata(METADATA) as { suggestions?: unknown } | undefined;
  return own?.suggestions === false;
}

/** Whether a cell runs and shows a widget: then its keys are for that. */
function runsWidget({ executionState, outputs }: ICodeCellModel): boolean {
  if (executionState !== 'running') {
    return false;
  }
  const all = Array.from({ length: outputs.length }, (_, index) => outputs.get(index));
  return all.some(({ data }) => WIDGET in data);
}

function fileGround(request: CompletionHandler.IRequest, context: InlineContext): Ground | null {
  const mimeType = request.mimeType ?? '';
  if (PROSE.has(mimeType)) {
    return null;
  }
  const { widget } = context;
  const path = widget instanceof DocumentWidget ? widget.context.path : '';
  const language = mimeType.replace(/^(text|application)\/(x-)?/, '').replace('ipython', 'python');
  const cells = [named('code', wellFormed(request.text), [])];
  return {
    page: { cells, current: 0, language, path },
    scope: [widget.id, language].join(' '),
    isOff: false,
    runsWidget: () => false
  };
}

function after({ scope, page }: Ground, { prefix, suffix }: Surroundings): Place {
  const { kind, outputs, run } = page.cells[page.current];
  const edited = named(kind, wellFormed(prefix + suffix), outputs, run);
  const cells = page.cells.map((cell, index) => (index === page.current ? edited : cell));
  return { scope, page: { ...page, cells }, prefix, suffix, offset: Array.from(prefix).length };
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
