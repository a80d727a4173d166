import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ModelEntry, WireMachine } from '../wire';
import type { RowActions } from './row';
import type { Stock } from './stock';
import { shortageWords, size } from './words';

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
      void confirmSize(entry, stock.reply?.machine, trans).then(isMeant => {
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

/** Whether a model is to be got all the same that cannot run here; who goes on with one has said so before. */
async function confirmSize(
  entry: ModelEntry,
  machine: WireMachine | undefined,
  trans: TranslationBundle
): Promise<boolean> {
  if (!machine || entry.fit !== 'too_large' || entry.state !== 'none') {
    return true;
  }
  const sentences = [
    shortageWords(entry, machine, trans),
    entry.download_bytes
      ? trans.__(
          'It can be downloaded (%1), but it will not be loaded here.',
          size(entry.download_bytes)
        )
      : trans.__('It can be downloaded, but it will not be loaded here.')
  ];
  const answer = await showDialog({
    title: trans.__('%1 is too large for this machine', entry.title),
    body: sentences.join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Get it anyway') })
    ],
    // Enter alone must not fill the disk with what nobody can use.
    defaultButton: 0
  });
  return answer.button.accept;
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
