import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { wellFormed } from '../document/codepoints';
import { errorOf } from '../document/error';
import { selectedText } from '../document/selection';
import type { AttachmentKind, Frame, WireAttachment } from '../wire';

/** Something of the active cell that can lie beside a question; null where there is nothing of the kind. */
export function attachmentOf(
  kind: Exclude<AttachmentKind, 'frame'>,
  { content }: NotebookPanel,
  trans: TranslationBundle
): WireAttachment | null {
  const cell = content.activeCell;
  const text = cell && textOf(kind, cell);
  if (!text?.trim()) {
    return null;
  }
  const number = String(content.activeCellIndex + 1);
  const labels = {
    cell: trans.__('cell %1', number),
    selection: trans.__('selection in cell %1', number),
    error: trans.__('error of cell %1', number)
  };
  return { kind, label: labels[kind], text: wellFormed(text) };
}

/** A frame of the live kernel; the server knows what it holds. */
export function attachmentOfFrame(name: string): WireAttachment {
  return { kind: 'frame', label: name, text: '' };
}

/** A frame in a few words, such as "trips · DataFrame 1000 × 12". */
export function frameLine({ name, kind, shape }: Frame): string {
  return `${name} · ${kind} ${shape.join(' × ')}`.trimEnd();
}

function textOf(kind: Exclude<AttachmentKind, 'frame'>, cell: Cell): string {
  if (kind === 'selection') {
    return cell.editor ? selectedText(cell.editor) : '';
  }
  if (kind === 'error') {
    const mishap = errorOf(cell.model);
    return mishap ? mishap.traceback || `${mishap.name}: ${mishap.message}` : '';
  }
  return cell.model.sharedModel.getSource();
}
