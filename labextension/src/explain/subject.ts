import type { CodeCell } from '@jupyterlab/cells';

import { errorOf } from '../document/error';
import { outputTexts } from '../document/notebook';
import { selectedText } from '../document/selection';
import type { SubjectKind } from '../wire';

/** What is to be explained of a cell; the cell itself needs no text. */
export interface Subject {
  readonly subject: SubjectKind;
  readonly text: string;
}

/** What is selected in a cell, or else the cell. */
export function selectionOr({ editor }: CodeCell): Subject {
  const text = editor ? selectedText(editor) : '';
  return text.trim() ? { subject: 'selection', text } : { subject: 'cell', text: '' };
}

/** What a cell printed: one of its outputs, or all; null where there is nothing to read. */
export function outputOf({ model }: CodeCell, index: number | null): Subject | null {
  const texts = outputTexts(model);
  const text = (index === null ? texts : texts.slice(index, index + 1)).filter(Boolean).join('\n');
  return text.trim() ? { subject: 'output', text } : null;
}

/** The error of a cell, with its traceback; null where it did not fail. */
export function failureOf({ model }: CodeCell): Subject | null {
  const mishap = errorOf(model);
  return (
    mishap && {
      subject: 'error',
      text: mishap.traceback || `${mishap.name}: ${mishap.message}`
    }
  );
}
