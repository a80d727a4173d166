import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, InputDialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { Failure } from '../server/failure';
import type { WireAttachment } from '../wire';
import { attachmentOf, attachmentOfFrame, frameLine } from './attachments';
import type { Chats } from './chats';
import type { Shelf } from './shelf';
import { wordsAbout } from './words';

const ATTACH = 'starcoder:chat-attach';
const RENAME = 'starcoder:chat-rename';
const DELETE = 'starcoder:chat-delete';
const CLEAR = 'starcoder:chat-clear';
const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/** What the menus work on. */
interface Options {
  readonly app: JupyterFrontEnd;
  readonly tracker: INotebookTracker;
  readonly trans: TranslationBundle;
  readonly chats: Pick<Chats, 'frames'>;
  readonly shelf: Shelf;
  readonly chat: { attach(attachment: WireAttachment): void; focus(): void };
}

/** The menus of the chat: what can go with a question, and what can be done with conversations. */
export class ChatMenus {
  constructor(private readonly _options: Options) {
    this._addAttach();
    this._addTidying();
  }

  /** Offers what of the active cell, and which frame, can go with the question. */
  async choose(at: HTMLElement): Promise<void> {
    if (!this._isChoosing) {
      this._isChoosing = true;
      try {
        openAt(await this._attachments(), at);
      } finally {
        // A menu that could not be made must not keep the next one from opening.
        this._isChoosing = false;
      }
    }
  }

  /** Offers to rename and delete. */
  tidy(at: HTMLElement): void {
    const menu = this._menu();
    [RENAME, DELETE, CLEAR].forEach(command => menu.addItem({ command }));
    openAt(menu, at);
  }

  private async _attachments(): Promise<Menu> {
    const { chats, tracker, trans } = this._options;
    const notebook = tracker.currentWidget;
    const menu = this._menu();
    const add = (attachment: WireAttachment | null, label: string) => {
      if (attachment) {
        menu.addItem({ command: ATTACH, args: { ...attachment, shown: label } });
      }
    };
    if (notebook) {
      add(attachmentOf('cell', notebook, trans), trans.__('This cell'));
      add(attachmentOf('selection', notebook, trans), trans.__('The selection'));
      add(attachmentOf('error', notebook, trans), trans.__('The error of this cell'));
      // A kernel that does not answer in time has none to offer.
      const frames = await chats.frames(notebook.context.path).catch(() => []);
      frames.forEach(frame => add(attachmentOfFrame(frame.name), frameLine(frame)));
    }
    if (!menu.items.length) {
      menu.addItem({ command: ATTACH, args: { shown: trans.__('Nothing to add here') } });
    }
    return menu;
  }

  private _menu(): Menu {
    return new Menu({ commands: this._options.app.commands });
  }

  private _addAttach(): void {
    const { app, chat } = this._options;
    const properties = Object.fromEntries(
      ['kind', 'label', 'text', 'shown'].map(name => [name, { type: 'string' }])
    );
    app.commands.addCommand(ATTACH, {
      label: ({ shown, label }) => String(shown ?? label ?? ''),
      isEnabled: ({ kind }) => kind !== undefined,
      describedBy: { args: { type: 'object', properties } },
      execute: ({ kind, label, text }) =>
        chat.attach({ kind, label, text } as unknown as WireAttachment)
    });
  }

  private _addTidying(): void {
    const { shelf, trans } = this._options;
    const isBegun = () => shelf.title !== '';
    // A conversation of which the server knows nothing yet can only be deleted.
    const isKept = () => isBegun() && shelf.dialogue.id !== '';
    this._add(RENAME, trans.__('Rename…'), isKept, async () => {
      const title = trans.__('Rename the conversation');
      const { value } = await InputDialog.getText({ title, text: shelf.title });
      if (value?.trim()) {
        await shelf.rename(value);
      }
    });
    this._add(DELETE, trans.__('Delete…'), isBegun, async () => {
      const body = trans.__('“%1” is deleted for good.', shelf.title);
      if (await this._confirm(trans.__('Delete the conversation?'), body)) {
        await shelf.delete();
      }
    });
    this._add(
      CLEAR,
      trans.__('Delete all…'),
      () => true,
      async () => {
        const { deletion, others } = wordsAbout(shelf.path, trans);
        const answer = await this._confirm(trans.__('Delete all conversations?'), deletion, others);
        if (answer) {
          await shelf.clear(answer.isChecked === true);
        }
      }
    );
  }

  /** Adds a command whose failure is shown, and after which a question can be typed. */
  private _add(
    command: string,
    label: string,
    isEnabled: () => boolean,
    work: () => Promise<void>
  ): void {
    const { app, chat, trans } = this._options;
    app.commands.addCommand(command, {
      label,
      isEnabled,
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        try {
          await work();
        } catch (reason) {
          await showErrorMessage(trans.__('StarCoder'), Failure.of(reason).message);
        }
        chat.focus();
      }
    });
  }

  private async _confirm(
    title: string,
    body: string,
    label = ''
  ): Promise<Dialog.IResult<unknown> | null> {
    const { trans } = this._options;
    const answer = await showDialog({
      title,
      body,
      ...(label ? { checkbox: { label } } : {}),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })]
    });
    return answer.button.accept ? answer : null;
  }

  private _isChoosing = false;
}

/** Opens a menu at a button, which has the keyboard again when nothing was chosen. */
function openAt(menu: Menu, node: HTMLElement): void {
  const { left, bottom } = node.getBoundingClientRect();
  menu.aboutToClose.connect(() => {
    // By then the command that was chosen runs.
    setTimeout(() => {
      menu.dispose();
      if (document.activeElement === document.body) {
        node.focus();
      }
    });
  });
  menu.open(left, bottom);
}
