import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Panel, Widget } from '@lumino/widgets';

import { captionOf } from '../permission';
import type { Page } from '../server/requests';
import type { IStarcoder } from '../services';
import { summarise } from '../status/summary';
import type { WireAttachment } from '../wire';
import { ownKeys } from '../writing/keys';
import { rendermimeFor } from './blocks';
import { Chats } from './chats';
import { Composer } from './composer';
import type { Draft } from './composer';
import { Dialogue } from './dialogue';
import { History } from './history';
import { ExchangeList } from './list';
import { ChatMenus } from './menus';
import { codeActions } from './placing';
import { Placeholder } from './placeholder';
import { movedAlong } from './renames';
import { Shelf } from './shelf';
import { wordsAbout } from './words';

/** What the chat needs of the page. */
export interface ChatOptions {
  readonly app: JupyterFrontEnd;
  readonly tracker: INotebookTracker;
  readonly rendermime: IRenderMimeRegistry;
  readonly starcoder: IStarcoder;
}

const NO_DRAFT: Draft = { question: '', attachments: [] };

/** The conversations about the notebook in front: which there are, what was said in one, and the next question. */
export class ChatView extends Panel {
  constructor(private readonly _options: ChatOptions) {
    super();
    const { app, rendermime, starcoder, tracker } = _options;
    const { api, health, requests, settings, trans } = starcoder;
    const chats = new Chats(api);
    this._shelf = new Shelf(
      chats,
      (path, kept) => new Dialogue({ path, chats, requests, read: at => this._page(at) }, kept)
    );
    const menus = new ChatMenus({ app, tracker, trans, chats, shelf: this._shelf, chat: this });
    this._history = new History({
      trans,
      open: chat => void this._shelf.open(chat),
      begin: () => this._begin(),
      more: at => menus.tidy(at)
    });
    this._composer = new Composer({
      trans,
      send: () => this._send(),
      stop: () => this._shelf.dialogue.stop(),
      choose: at => void menus.choose(at)
    });
    const actions = codeActions(tracker, trans, text => this._say(text));
    this._list = new ExchangeList({ rendermime: rendermimeFor(rendermime, actions), trans });
    this._placeholder = new Placeholder(trans);
    this._arrange();
    this._shelf.changed.connect(() => this._show());
    health.changed.connect(() => this._show());
    settings.changed.connect(() => this._show());
    tracker.currentChanged.connect(() => this._follow());
    void this._shelf.turnTo(this._inFront());
  }

  /** Lays something beside the next question. */
  attach(attachment: WireAttachment): void {
    this._composer.attach(attachment);
    this.focus();
  }

  /** The notebook or folder at a path is at another one now, and so are its conversations. */
  move(path: string, to: string): void {
    const drafts = [...this._drafts];
    this._drafts.clear();
    drafts.forEach(([about, draft]) => this._drafts.set(movedAlong(about, path, to), draft));
    this._shelf.move(path, to);
  }

  /** Lets the next question be typed. */
  focus(): void {
    this._composer.focus();
  }

  private _send(): void {
    const { dialogue } = this._shelf;
    const { question, attachments } = this._composer.draft;
    if (question.trim() && !dialogue.isBusy) {
      this._composer.draft = NO_DRAFT;
      void dialogue.ask(question.trim(), attachments);
    }
  }

  private _begin(): void {
    this._shelf.begin();
    this.focus();
  }

  /** Turns to the notebook in front; a question that was begun about the other one waits there. */
  private _follow(): void {
    const path = this._inFront();
    if (path !== this._shelf.path) {
      this._drafts.set(this._shelf.path, this._composer.draft);
      this._composer.draft = this._drafts.get(path) ?? NO_DRAFT;
      void this._shelf.turnTo(path);
    }
  }

  private _show(): void {
    const { chats, current, dialogue, failure, isLoading, notice } = this._shelf;
    const { starcoder } = this._options;
    const isOff = starcoder.settings.isOff('chat');
    const isBlank = !dialogue.entries.length;
    const words = wordsAbout(dialogue.path, starcoder.trans);
    this._history.display(chats, current);
    this._history.notice = isOff
      ? captionOf(starcoder, 'chat', starcoder.trans.__('Chat'))
      : notice;
    // What was said before can still be read.
    this._composer.setHidden(isOff);
    this._composer.setBusy(dialogue.isBusy);
    this._composer.hint = words.question;
    this._list.display(dialogue);
    this._list.setHidden(isBlank);
    this._placeholder.setHidden(!isBlank);
    if (failure && isBlank) {
      this._placeholder.fail(failure.message, () => void this._shelf.turnTo(this._shelf.path));
    } else if (isLoading) {
      this._placeholder.wait();
    } else {
      const { mood, detail } = summarise(starcoder.health.current, starcoder.trans);
      // Nobody is invited to what is switched off.
      this._placeholder.welcome(
        isOff ? [] : words.invitation,
        mood === 'problem' && !isOff ? detail : ''
      );
    }
    if (this._wasBusy !== dialogue.isBusy) {
      this._wasBusy = dialogue.isBusy;
      this._say(dialogue.isBusy ? starcoder.trans.__('Writing…') : '');
    }
  }

  private _say(text: string): void {
    this._status.textContent = text;
  }

  private _inFront(): string {
    return this._options.tracker.currentWidget?.context.path ?? '';
  }

  /** The notebook at a path as it stands now; an empty one where it is not open. */
  private _page(path: string): Page {
    const { starcoder, tracker } = this._options;
    const notebook: NotebookPanel | undefined = tracker.find(
      ({ context }) => context.path === path
    );
    return notebook
      ? starcoder.reader.read(notebook, notebook.content.activeCellIndex)
      : { cells: [], current: -1, language: '', path };
  }

  private _arrange(): void {
    this.addClass('jp-Starcoder-chat');
    this._status.className = 'jp-Starcoder-chatStatus';
    this._status.setAttribute('role', 'status');
    ownKeys(this.node, {});
    // Who turns to it, or to another part of it, sees what was said in other pages.
    this.node.addEventListener('focusin', () => void this._shelf.catchUp());
    const status = new Widget({ node: this._status });
    [this._history, this._placeholder, this._list, status, this._composer].forEach(widget =>
      this.addWidget(widget)
    );
  }

  private readonly _shelf: Shelf;
  private readonly _history: History;
  private readonly _list: ExchangeList;
  private readonly _placeholder: Placeholder;
  private readonly _composer: Composer;
  private readonly _status = document.createElement('div');
  private readonly _drafts = new Map<string, Draft>();
  private _wasBusy = false;
}
