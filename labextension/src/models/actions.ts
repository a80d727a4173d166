import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ModelEntry } from '../wire';
import type { RowActions } from './row';
import type { Stock } from './stock';

/** What the buttons of a model do. */
export function rowActions(options: {
  stock: Stock;
  /** Has a model answer from now on. */
  use: (model: string) => Promise<void>;
  trans: TranslationBundle;
}): RowActions {
  const { stock, use, trans } = options;
  return {
    get: ({ name }) => void stock.fetch('get', name),
    pause: ({ name }) => void stock.fetch('pause', name),
    cancel: ({ name }) => void stock.fetch('cancel', name),
    test: ({ name }) => void stock.test(name),
    use: ({ name }) => void use(name).then(() => stock.refresh()),
    remove: entry =>
      void confirmRemoval(entry, trans).then(isMeant => {
        if (isMeant) {
          void stock.remove(entry.name);
        }
      })
  };
}

async function confirmRemoval(entry: ModelEntry, trans: TranslationBundle): Promise<boolean> {
  const sentences = [
    trans.__('It is taken off the disk of this server, for everybody who uses it.'),
    entry.state === 'served'
      ? trans.__('It answers here now: nothing will, until another model is used.')
      : '',
    entry.address
      ? trans.__(
          'The weights that came from the Hugging Face hub stay in its cache, where other programs use them too.'
        )
      : ''
  ];
  const answer = await showDialog({
    title: trans.__('Delete %1?', entry.title),
    body: sentences.filter(Boolean).join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ],
    // Enter alone must not take a model from everybody.
    defaultButton: 0
  });
  return answer.button.accept;
}
