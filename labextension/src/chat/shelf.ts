import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Failure } from '../server/failure';
import type { Chat, ChatReply } from '../wire';
import type { Chats } from './chats';
import type { Dialogue } from './dialogue';

/** Makes a dialogue about the notebook at a path, out of what the server has of it. */
type MakeDialogue = (path: string, kept: ChatReply | null) => Dialogue;

/** Which conversations there are about the notebook in front, and which of them is open. */
export class Shelf {
  constructor(
    private readonly _chats: Omit<Chats, 'create' | 'frames'>,
    private readonly _make: MakeDialogue
  ) {
    this._dialogue = this._take(_make('', null));
  }

  /** Emitted when another conversation is open, when something is said in it, and when the list is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Of the notebook that all this is about; empty without one. */
  get path(): string {
    return this._dialogue.path;
  }

  get dialogue(): Dialogue {
    return this._dialogue;
  }

  get chats(): readonly Chat[] {
    return this._known;
  }

  /** The title of the open conversation; empty before its first question. */
  get title(): string {
    return this._known.find(({ id }) => id === this._dialogue.id)?.title ?? '';
  }

  /** What the user should know about the history; empty where all is well. */
  get notice(): string {
    return this._notice;
  }

  get isLoading(): boolean {
    return this._isLoading;
  }

  /** Why the conversations cannot be shown; null where they can. */
  get failure(): Failure | null {
    return this._failure;
  }

  /** Shows what was said last about the notebook at a path. */
  async turnTo(path: string): Promise<void> {
    this._put(this._make(path, null));
    const fresh = this._dialogue;
    await this._load(async () => {
      await this._list(path);
      const running = [...this._running].find(dialogue => dialogue.path === path);
      const [latest] = this._known;
      if (this._dialogue === fresh && !fresh.entries.length && (running ?? latest)) {
        this._put(running ?? this._make(path, await this._chats.read(latest.id)), fresh);
      }
    });
  }

  /** Shows one conversation. */
  async open(chat: string): Promise<void> {
    const before = this._dialogue;
    const running = [...this._running].find(({ id }) => id === chat);
    if (running) {
      this._put(running);
    } else if (chat) {
      await this._load(async () => {
        this._put(this._make(before.path, await this._chats.read(chat)), before);
      });
    }
  }

  /** Shows a conversation in which nothing was said yet. */
  begin(): void {
    this._put(this._make(this.path, null));
  }

  /** The notebook at a path is at another one now; what is said about it goes on. */
  move(path: string, to: string): void {
    [this._dialogue, ...this._running]
      .filter(dialogue => dialogue.path === path)
      .forEach(dialogue => dialogue.moveTo(to));
  }

  /** Fails with a `Failure`, as the next two do. */
  async rename(title: string): Promise<void> {
    await this._chats.rename(this._dialogue.id, title);
    await this._list(this.path);
  }

  /** Forgets the open conversation. */
  async delete(): Promise<void> {
    const { dialogue } = this;
    dialogue.stop();
    if (dialogue.id) {
      await this._chats.delete(dialogue.id);
    }
    await this.turnTo(dialogue.path);
  }

  /** Forgets all conversations about the notebook, or those about the other ones as well. */
  async clear(isEverywhere: boolean): Promise<void> {
    const { path } = this;
    this._running.forEach(dialogue => dialogue.stop());
    await this._chats.clear(isEverywhere ? null : path);
    await this.turnTo(path);
  }

  private async _list(path: string): Promise<void> {
    const { chats, notice } = await this._chats.list(path);
    if (path === this.path) {
      this._known = chats;
      this._notice = notice;
      this._changed.emit();
    }
  }

  private async _load(work: () => Promise<void>): Promise<void> {
    const { dialogue } = this;
    this._tell(true, null);
    try {
      await work();
      this._tell(false, null);
    } catch (reason) {
      if (this._dialogue === dialogue) {
        this._tell(false, Failure.of(reason));
      }
    }
  }

  private _tell(isLoading: boolean, failure: Failure | null): void {
    this._isLoading = isLoading;
    this._failure = failure;
    this._changed.emit();
  }

  /** Opens a dialogue, unless another one was opened since. */
  private _put(dialogue: Dialogue, before = this._dialogue): void {
    if (this._dialogue !== before) {
      return;
    }
    if (dialogue.path !== this.path) {
      this._known = [];
    }
    this._dialogue = this._take(dialogue);
    this._tell(false, null);
  }

  /** Follows a dialogue, also while another one is shown: its answer is written to the end. */
  private _take(dialogue: Dialogue): Dialogue {
    const follow = () => {
      if (dialogue.isBusy) {
        this._running.add(dialogue);
      } else if (this._running.delete(dialogue)) {
        // Its title and its place in the list are others now; where the list cannot be had, the answer says why.
        void this._list(this.path).catch(() => undefined);
      }
      if (dialogue === this._dialogue) {
        this._changed.emit();
      }
    };
    if (!this._followed.has(dialogue)) {
      this._followed.add(dialogue);
      dialogue.changed.connect(follow);
    }
    return dialogue;
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _running = new Set<Dialogue>();
  private readonly _followed = new WeakSet<Dialogue>();
  private _dialogue: Dialogue;
  private _known: readonly Chat[] = [];
  private _notice = '';
  private _isLoading = false;
  private _failure: Failure | null = null;
}
