import { Panel, Widget } from '@lumino/widgets';

import { Failure } from '../server/failure';
import { button } from '../writing/controls';
import { chatIcon } from '../icon';
import type { WireAttachment } from '../wire';
import { Chats } from './chats';
import type { ChatOptions, ChatView } from './view';

/** The chat's place at the side of the page. What it shows is loaded when somebody opens it for the first time. */
export class ChatPanel extends Panel {
  constructor(private readonly _options: ChatOptions) {
    super();
    const { trans } = _options.starcoder;
    this.id = 'jp-starcoder-chat';
    this.title.icon = chatIcon;
    this.title.caption = trans.__('StarCoder chat');
    this.addClass('jp-Starcoder-chatPanel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('StarCoder chat'));
  }

  /** Lays something beside the next question. */
  async attach(attachment: WireAttachment): Promise<void> {
    (await this._view())?.attach(attachment);
  }

  /** The notebook or folder at a path is at another one now; its conversations go along, also where nobody looks at them. */
  async move(path: string, to: string): Promise<void> {
    (await this._loading?.catch(() => null))?.move(path, to);
    await new Chats(this._options.starcoder.api).move(path, to);
  }

  protected onAfterShow(): void {
    void this._view();
  }

  protected onAfterAttach(): void {
    if (this.isVisible) {
      void this._view();
    }
  }

  protected onActivateRequest(): void {
    void this._view().then(view => view?.focus());
  }

  /** What is shown here; null where it cannot be loaded, which is said. */
  private async _view(): Promise<ChatView | null> {
    this._loading ??= import('./view').then(({ ChatView }) => new ChatView(this._options));
    try {
      const view = await this._loading;
      if (view.parent !== this) {
        [...this.widgets].forEach(widget => widget.dispose());
        this.addWidget(view);
      }
      return view;
    } catch (reason) {
      this._loading = null;
      this._fail(Failure.of(reason).message);
      return null;
    }
  }

  private _fail(why: string): void {
    const node = document.createElement('div');
    const { trans } = this._options.starcoder;
    node.className = 'jp-Starcoder-placeholder jp-Starcoder-error';
    node.setAttribute('role', 'alert');
    node.append(
      trans.__('The chat cannot be loaded (%1): check that the Jupyter server runs.', why),
      button(trans.__('Try again'), () => void this._view())
    );
    [...this.widgets].forEach(widget => widget.dispose());
    this.addWidget(new Widget({ node }));
  }

  private _loading: Promise<ChatView> | null = null;
}
