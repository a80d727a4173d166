import type { ICommandPalette } from '@jupyterlab/apputils';

import { selectedText } from '../document/selection';
import { chatIcon } from '../icon';
import { captionOf } from '../permission';
import { sayingWhyNot } from '../refusal';
import { attachmentOf } from './attachments';
import type { ChatPanel } from './panel';
import type { ChatOptions } from './view';

const OPEN_CHAT = 'starcoder:open-chat';
const ASK_ABOUT_CELL = 'starcoder:ask-about-cell';
const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/** Adds the commands that open the chat, as it is or with the active cell beside the next question. */
export function addChatCommands(
  { app, starcoder, tracker }: ChatOptions,
  panel: ChatPanel,
  palette: ICommandPalette | null
): void {
  const { settings, trans } = starcoder;
  const open = () => app.shell.activateById(panel.id);
  app.commands.addCommand(OPEN_CHAT, {
    label: trans.__('Open the chat'),
    caption: () => captionOf(starcoder, 'chat', trans.__('Ask StarCoder in the panel at the side')),
    icon: chatIcon,
    describedBy: NO_ARGUMENTS,
    execute: open
  });
  const ask = trans.__('Ask about this cell');
  const whyNot = () => {
    if (settings.isOff('chat')) {
      return captionOf(starcoder, 'chat', ask);
    }
    return tracker.activeCell ? '' : trans.__('There is no cell to ask about.');
  };
  app.commands.addCommand(
    ASK_ABOUT_CELL,
    sayingWhyNot(whyNot, trans, {
      label: ask,
      caption: () =>
        captionOf(
          starcoder,
          'chat',
          trans.__('Ask about this cell, or about what is selected in it, in the chat')
        ),
      icon: chatIcon,
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        const notebook = tracker.currentWidget;
        const editor = tracker.activeCell?.editor;
        const kind = editor && selectedText(editor).trim() ? 'selection' : 'cell';
        const attachment = notebook && attachmentOf(kind, notebook, trans);
        open();
        if (attachment) {
          await panel.attach(attachment);
        }
      }
    })
  );
  [OPEN_CHAT, ASK_ABOUT_CELL].forEach(command => {
    palette?.addItem({ command, category: trans.__('StarCoder') });
  });
}
