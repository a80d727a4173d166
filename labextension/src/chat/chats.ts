import type { Api } from '../server/api';
import type { Chat, ChatReply, ChatsReply, Frame, FramesReply } from '../wire';

/** The conversations that the server keeps. Every method fails with a `Failure`. */
export class Chats {
  constructor(private readonly _api: Pick<Api, 'call'>) {}

  /** Those about the notebook at a path, newest first. */
  list(path: string): Promise<ChatsReply> {
    return this._api.call('GET', `chats${about(path)}`);
  }

  /** Begins one about the notebook at a path. */
  async create(path: string): Promise<Chat> {
    return (await this._api.call<ChatReply>('POST', 'chats', { path })).chat;
  }

  /** All that was said in one. */
  read(chat: string): Promise<ChatReply> {
    return this._api.call('GET', `chats/${chat}`);
  }

  async rename(chat: string, title: string): Promise<void> {
    await this._api.call('PATCH', `chats/${chat}`, { title });
  }

  /** Those about the notebook at a path, or below that folder, go along with it to another one. */
  move(path: string, to: string): Promise<void> {
    return this._api.call('PATCH', 'chats', { path, to });
  }

  delete(chat: string): Promise<void> {
    return this._api.call('DELETE', `chats/${chat}`);
  }

  /** Forgets those about the notebook at a path, or all. */
  clear(path: string | null): Promise<void> {
    return this._api.call('DELETE', path === null ? 'chats' : `chats${about(path)}`);
  }

  /** Frames in the live kernel of the notebook at a path. */
  async frames(path: string): Promise<Frame[]> {
    return (await this._api.call<FramesReply>('GET', `chats/frames${about(path)}`)).frames;
  }
}

function about(path: string): string {
  return `?path=${encodeURIComponent(path)}`;
}
