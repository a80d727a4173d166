import type { TranslationBundle } from '@jupyterlab/translation';

/** What the chat says of that which its conversations are about. */
export interface Words {
  /** What can be asked. */
  readonly invitation: readonly string[];
  /** What stands in the line for the next question. */
  readonly question: string;
  /** What is gone after all of them are deleted, and what goes as well where that is wished for. */
  readonly deletion: string;
  readonly others: string;
}

/** @param path - of the notebook in front; empty without one. */
export function wordsAbout(path: string, trans: TranslationBundle): Words {
  const privacy = trans.__('Questions are answered by a model on this machine; nothing leaves it.');
  return path
    ? {
        invitation: [
          privacy,
          trans.__(
            'It knows the cells of this notebook and the frames of its kernel. Point at what you mean with “Add context”.'
          )
        ],
        question: trans.__('Ask about this notebook'),
        deletion: trans.__('All conversations about this notebook are deleted for good.'),
        others: trans.__('Those about all other notebooks as well')
      }
    : {
        invitation: [privacy, trans.__('No notebook is open: it knows only what is said here.')],
        question: trans.__('Ask anything…'),
        deletion: trans.__('All conversations that are about no notebook are deleted for good.'),
        others: trans.__('Those about notebooks as well')
      };
}
