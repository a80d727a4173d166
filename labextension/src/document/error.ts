import { isCodeCellModel } from '@jupyterlab/cells';
import type { ICellModel } from '@jupyterlab/cells';
import type { IOutputModel } from '@jupyterlab/rendermime';

import type { WireMishap } from '../wire';
import { beginningOf, endOf } from './escapes';

/** Its last frames are the ones that tell. */
const TRACEBACK_LIMIT = 16_000;
const MESSAGE_LIMIT = 4_000;

/** The error with which a cell failed; null where it did not. */
export function errorOf(model: ICellModel): WireMishap | null {
  if (!isCodeCellModel(model)) {
    return null;
  }
  for (let i = model.outputs.length - 1; i >= 0; i--) {
    const output = model.outputs.get(i);
    if (output.type === 'error') {
      return mishapOf(output);
    }
  }
  return null;
}

function mishapOf(output: IOutputModel): WireMishap {
  const error = output.data['application/vnd.jupyter.error'] as
    { ename?: string; evalue?: string; traceback?: string[] } | undefined;
  return {
    name: beginningOf(error?.ename ?? 'Error', MESSAGE_LIMIT),
    message: beginningOf(error?.evalue ?? '', MESSAGE_LIMIT),
    traceback: endOf((error?.traceback ?? []).join('\n'), TRACEBACK_LIMIT)
  };
}
