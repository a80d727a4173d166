import type { InlineCompleter } from '@jupyterlab/completer';

/**
 * Takes a suggestion off the page as soon as JupyterLab knows of none any more.
 *
 * After a change that no suggestion agrees with, such as what somebody else types in the same cell, JupyterLab forgets
 * them all and leaves what it drew: grey text that no key takes.
 */
export function clearStale({ model }: InlineCompleter): void {
  const clear = () => {
    if (model && !model.isDisposed && !model.completions?.items?.length) {
      model.reset();
    }
  };
  // Later, since an editor that takes in a change can draw nothing; by then there may be other suggestions.
  model?.filterTextChanged.connect(() => void setTimeout(clear));
}
