import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ModelEntry } from '../wire';
import type { Stock } from './stock';
import { isShort, roomWords, shortageWords, size } from './words';

/**
 * Whether a model is to be got all the same that cannot run here, or that the disk cannot take; who goes on with one has
 * said so before.
 */
export async function confirmSize(
  entry: ModelEntry,
  { reply }: Pick<Stock, 'reply'>,
  trans: TranslationBundle
): Promise<boolean> {
  const isTooLarge = entry.fit === 'too_large';
  const { room } = entry;
  const hasNoRoom = isShort(room);
  if (!reply || entry.state !== 'none' || !(isTooLarge || hasNoRoom)) {
    return true;
  }
  const sentences = [
    isTooLarge ? shortageWords(entry, reply.machine, trans) : '',
    hasNoRoom
      ? `${roomWords(room, trans)} ${trans.__('It cannot come whole unless space is freed.')}`
      : loadWords(entry, trans)
  ];
  const answer = await showDialog({
    title: isTooLarge
      ? trans.__('%1 is too large for this machine', entry.title)
      : trans.__('There is no room on the disk for %1', entry.title),
    body: sentences.filter(Boolean).join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Get it anyway') })
    ],
    // Enter alone must not fill the disk with what nobody can use.
    defaultButton: 0
  });
  return answer.button.accept;
}

function loadWords({ download_bytes }: ModelEntry, trans: TranslationBundle): string {
  return download_bytes
    ? trans.__('It can be downloaded (%1), but it will not be loaded here.', size(download_bytes))
    : trans.__('It can be downloaded, but it will not be loaded here.');
}

/** Whether a model is to be taken off the disk, with what that means for others. */
export async function confirmRemoval(
  entry: ModelEntry,
  trans: TranslationBundle
): Promise<boolean> {
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
