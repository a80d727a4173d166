import type { TranslationBundle } from '@jupyterlab/translation';

import { confirmRemoval, confirmSize } from './confirm';
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
    get: entry =>
      void confirmSize(entry, stock, trans).then(isMeant => {
        if (isMeant) {
          void stock.fetch('get', entry.name);
        }
      }),
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
