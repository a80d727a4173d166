import type { InlineCompleter } from '@jupyterlab/completer';

import { ACTIVE_CLASS } from './spot';

/**
 * Shows suggestions beside those of other providers, in whatever order they come.
 *
 * JupyterLab keeps what the first provider to settle says, and adds what the others say; where the first one failed there
 * is nothing to add to, and what is there may be an older answer of the same provider.
 */
export function beside({ model }: InlineCompleter): void {
  if (model) {
    model.appendCompletions = reply => {
      const own = reply.items[0]?.provider;
      const others = (model.completions?.items ?? []).filter(({ provider }) => provider !== own);
      model.setCompletions({ ...reply, items: [...others, ...reply.items] });
    };
  }
}

/** Gives the Tab key back to the editor where nothing is left of a suggestion that was typed to its end. */
export function yieldWhenEmpty(completer: InlineCompleter): void {
  completer.model?.filterTextChanged.connect(() => {
    // JupyterLab draws it, empty as it is, once the editor has taken the change in.
    setTimeout(() => {
      const { current, editor } = completer;
      if (current && !current.insertText && !current.error) {
        editor?.host.classList.remove(ACTIVE_CLASS);
      }
    });
  });
}
