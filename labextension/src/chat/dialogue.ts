import { UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { wellFormed } from '../document/codepoints';
import type { AnswerEvent } from '../server/api';
import type { Page, Requests } from '../server/requests';
import type { ChatReply, WireAttachment } from '../wire';
import { Writing, isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import type { Chats } from './chats';
import { caughtUp, entryOf, isUnheard, standing } from './entry';
import type { Entry } from './entry';

/** What a dialogue needs. */
interface Options {
  readonly path: string;
  readonly chats: Pick<Chats, 'create' | 'read'>;
  readonly requests: Pick<Requests, 'askAt'>;
  /** The notebook at a path as it stands now. */
  readonly read: (path: string) => Page;
}

/** One conversation: what was said, and the answer that is being written. */
export class Dialogue {
  /**
   * @param kept - what the server has of it; null for one that begins. The server hears of it with the first question.
   */
  constructor(
    private readonly _options: Options,
    kept: ChatReply | null = null
  ) {
    this._path = _options.path;
    this._id = kept?.chat.id ?? '';
    this._entries = kept?.exchanges.map(entryOf) ?? [];
    this._writing.changed.connect((_, news) =>
      this._changeLast({ written: standing(this._before, news) })
    );
  }

  /** Emitted when something else was said. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The server's name for it; empty before the first question. */
  get id(): string {
    return this._id;
  }

  /** Of the notebook that it is about. */
  get path(): string {
    return this._path;
  }

  /** The notebook got another name. */
  moveTo(path: string): void {
    this._path = path;
  }

  get entries(): readonly Entry[] {
    return this._entries;
  }

  get isBusy(): boolean {
    const last = this._entries.at(-1);
    return last !== undefined && isRunning(last.written);
  }

  /** Whether the server may know nothing of the last question, which waits here to be asked again. */
  get isUnheard(): boolean {
    const last = this._entries.at(-1);
    return last !== undefined && isUnheard(last);
  }

  /** Asks, and reads the answer to its end; a question that fails stays, to be asked again. */
  async ask(question: string, attachments: readonly WireAttachment[]): Promise<void> {
    if (!this.isBusy && question.trim()) {
      const asked = { key: UUID.uuid4(), question: wellFormed(question), attachments };
      const stands = { written: WAITING, ...HERE };
      this._entries = [...this._entries, { ...asked, ...stands }];
      await this._answer();
    }
  }

  /** Asks the last question again; the new answer takes the place of the old one once it has a word. */
  async again(): Promise<void> {
    if (!this.isBusy && this._entries.length) {
      await this._answer();
    }
  }

  /** Takes over what was said in other pages meanwhile. Fails with a `Failure`. */
  async catchUp(): Promise<void> {
    const before = this._entries;
    if (this._id && !this.isBusy) {
      const { exchanges } = await this._options.chats.read(this._id);
      // What was asked here meanwhile is not among them.
      if (this._entries === before) {
        this._entries = caughtUp(before, exchanges);
        this._changed.emit();
      }
    }
  }

  /** Ends the answer that is being written; what came of it stays. */
  stop(): void {
    this._writing.stop();
  }

  private async _answer(): Promise<void> {
    this._before = this._entries[this._entries.length - 1].written;
    this._changeLast(HERE);
    await this._writing.read(signal => this._events(signal));
  }

  private async *_events(signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const { key, question, attachments } = this._entries[this._entries.length - 1];
    const { chats, read, requests } = this._options;
    this._id ||= (await chats.create(this._path)).id;
    const body = { key, question, attachments };
    yield* requests.askAt(`chats/${this._id}/ask`, read(this._path), body, signal);
  }

  private _changeLast(news: Partial<Entry>): void {
    const before = this._entries.slice(0, -1);
    this._entries = [...before, { ...this._entries[this._entries.length - 1], ...news }];
    this._changed.emit();
  }

  private readonly _writing = new Writing();
  private readonly _changed = new Signal<this, void>(this);
  private _id: string;
  private _path: string;
  private _entries: readonly Entry[];
  /** What was answered to the last question before it was asked now. */
  private _before: Written = WAITING;
}

const WAITING = { state: 'waiting', text: '', failure: null, leftOutTurns: 0 } as const;
const HERE = { isOpen: false, here: { askedS: null } } as const;
