import { isCodeCellModel } from '@jupyterlab/cells';
import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IOutputModel } from '@jupyterlab/rendermime';

import { named } from './cells';
import type { NamedCell } from './cells';
import { cut, wellFormed } from './codepoints';
import { withoutEscapes } from './escapes';
import type { Page } from '../server/requests';
import type { CellKind, WireOutput } from '../wire';

const OUTPUT_LIMIT_CODEPOINTS = 1000;
const OUTPUTS_PER_CELL = 4;

/** Reads notebooks that are open; a cell is read again only after it changed. */
export class NotebookReader {
  /** A notebook as it stands now, with one cell of it in question. */
  read(panel: NotebookPanel, current: number): Page {
    const cells = panel.content.widgets.map(cell => this._cell(cell.model));
    return { cells, current, language: languageOf(panel), path: panel.context.path };
  }

  private _cell(model: ICellModel): NamedCell {
    const kept = this._cells.get(model);
    if (kept) {
      return kept;
    }
    if (!this._watched.has(model)) {
      this._watched.add(model);
      model.contentChanged.connect(changed => this._cells.delete(changed));
    }
    const cell = named(
      kindOf(model.type),
      wellFormed(model.sharedModel.getSource()),
      outputsOf(model),
      isCodeCellModel(model) ? (model.executionCount ?? 0) : 0
    );
    this._cells.set(model, cell);
    return cell;
  }

  private readonly _cells = new WeakMap<ICellModel, NamedCell>();
  private readonly _watched = new WeakSet<ICellModel>();
}

/** The kernel's language, lower case; empty where none is known yet. */
export function languageOf({ content: { model } }: NotebookPanel): string {
  const { language_info: running, kernelspec: chosen } = model?.sharedModel.metadata ?? {};
  // Before the kernel answers, what runs has an empty name.
  const names: unknown[] = [running?.name, chosen?.language, model?.defaultKernelLanguage];
  return (
    names.find((name): name is string => typeof name === 'string' && name !== '')?.toLowerCase() ??
    ''
  );
}

function kindOf(type: string): CellKind {
  return type === 'code' || type === 'markdown' ? type : 'raw';
}

function outputsOf(model: ICellModel): WireOutput[] {
  const outputs: WireOutput[] = [];
  if (isCodeCellModel(model)) {
    for (let i = 0; i < model.outputs.length && outputs.length < OUTPUTS_PER_CELL; i++) {
      const output = outputOf(model.outputs.get(i));
      if (output.text) {
        outputs.push({ ...output, text: wellFormed(cut(output.text, OUTPUT_LIMIT_CODEPOINTS)) });
      }
    }
  }
  return outputs;
}

/** What each output of a cell says; nothing for a picture alone. */
export function outputTexts({ outputs }: ICodeCellModel): string[] {
  return Array.from({ length: outputs.length }, (_, index) =>
    wellFormed(outputOf(outputs.get(index)).text)
  );
}

/** What an output says as plain text; nothing for a picture alone. */
function outputOf(output: IOutputModel): WireOutput {
  const { data, type } = output;
  if (type === 'stream') {
    const text = data['application/vnd.jupyter.stdout'] ?? data['application/vnd.jupyter.stderr'];
    return { kind: 'stream', text: plain(text) };
  }
  if (type === 'error') {
    const error = data['application/vnd.jupyter.error'] as
      { ename?: string; evalue?: string } | undefined;
    return { kind: 'error', text: plain(`${error?.ename ?? 'Error'}: ${error?.evalue ?? ''}`) };
  }
  return { kind: 'result', text: plain(data['text/plain']) };
}

function plain(value: unknown): string {
  const text = Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
  // Only what can be kept is looked at: a long output is not worth more.
  return withoutEscapes(text.slice(0, 4 * OUTPUT_LIMIT_CODEPOINTS));
}
