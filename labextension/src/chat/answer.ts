import { ChatReactContext } from '@jupyter/chat/lib/context';
import { MessageRenderer } from '@jupyter/chat/lib/components/messages/message-renderer';
import { AbstractChatModel } from '@jupyter/chat/lib/model';
import type { IChatContext } from '@jupyter/chat/lib/model';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ReactWidget } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';
import { createElement } from 'react';

import { delay } from '../delay';

/** Between two renderings of a text that grows: to render is dearer than to read a few words later. */
const PAUSE_MS = 120;
/** A text that the renderer cannot take never ends being rendered. */
const LONGEST_MS = 3_000;

const SENDER = { username: 'starcoder', bot: true };

/** An answer that grows, rendered by Jupyter's own component for the messages of a chat. */
export class Answer extends ReactWidget {
  constructor(rendermime: IRenderMimeRegistry) {
    super();
    this._context = { model: new NoChat(), rmRegistry: rendermime };
    this.addClass('jp-Starcoder-chatAnswer');
  }

  /** Shows a text soon, and the last of several that come quickly. */
  display(text: string): void {
    this._wanted = text;
    this._rendering ??= this._catchUp().finally(() => {
      this._rendering = null;
    });
  }

  protected render(): JSX.Element {
    const message = {
      type: 'msg',
      id: this.id,
      body: this._shown,
      time: 0,
      sender: SENDER
    };
    const renderer = createElement(MessageRenderer, { message, rendered: this._rendered });
    return createElement(ChatReactContext.Provider, { value: this._context }, renderer);
  }

  /** One rendering after the other: two at a time may end in any order. */
  private async _catchUp(): Promise<void> {
    while (this._shown !== this._wanted && !this.isDisposed) {
      this._shown = this._wanted;
      this._rendered = new PromiseDelegate();
      this.update();
      await Promise.race([this._rendered.promise, delay(LONGEST_MS, NEVER)]);
      await delay(PAUSE_MS, NEVER);
    }
  }

  private readonly _context: { model: NoChat; rmRegistry: IRenderMimeRegistry };
  private _wanted = '';
  private _shown = '';
  private _rendered = new PromiseDelegate<void>();
  private _rendering: Promise<void> | null = null;
}

/** What the component wants to know of a chat: of ours nothing, since its buttons and its input are our own. */
class NoChat extends AbstractChatModel {
  sendMessage(): void {
    return;
  }

  createChatContext(): IChatContext {
    return { name: '', messages: [], users: [], user: undefined };
  }
}

const NEVER = new AbortController().signal;
