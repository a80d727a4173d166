import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Failure } from '../server/failure';
import type { Chat, ChatReply } from '../wire';
import type { Chats } from './chats';
import type { Dialogue } from './dialogue';
import { movedAlong } from './renames';

/** Makes a dialogue about the notebook at a path, out of what the server has of it. */
type MakeDialogue = (path: string, kept: ChatReply | null) => Dialogue;

/** A conversation that can be opened. */
export interface Listed {
  /** The server's name for it, or our own where the server has none yet. */
  readonly id: string;
  readonly title: string;
}

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

  /** Those about the notebook: what the server does not list yet, or has no title for, goes by its first question. */
  get chats(): readonly Listed[] {
    const pending = new Map(
      [...this._pending]
        .filter(({ path }) => path === this.path)
        .map(dialogue => [nameOf(dialogue), dialogue.entries[0].question])
    );
    const known = this._known.map(({ id, title }) => ({
      id,
      title: title || (pending.get(id) ?? '')
    }));
    known.forEach(({ id }) => pending.delete(id));
    const unknown = [...pending].map(([id, title]) => ({ id, title })).reverse();
    return [...unknown, ...known];
  }

  /** The name of the open conversation among `chats`; empty before its first question. */
  get current(): string {
    return nameOf(this._dialogue);
  }

  /** The title of the open conversation; empty before its first question. */
  get title(): string {
    return this.chats.find(({ id }) => id === this.current)?.title ?? '';
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
    const pending = [...this._pending].filter(dialogue => dialogue.path === path).at(-1);
    this._put(pending ?? this._make(path, null));
    const shown = this._dialogue;
    // A question can be asked while the history loads: it stays in view.
    const isBlank = () => this._dialogue === shown && !shown.entries.length;
    await this._load(async () => {
      await this._list(path);
      const latest = this.chats.find(({ title }) => title);
      if (latest && isBlank()) {
        const kept = await this._chats.read(latest.id);
        if (isBlank()) {
          this._put(this._make(path, kept), shown);
        }
      }
    });
  }

  /** Shows one conversation. */
  async open(chat: string): Promise<void> {
    const before = this._dialogue;
    const pending = [...this._pending].find(dialogue => nameOf(dialogue) === chat);
    if (pending) {
      this._put(pending);
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

  /** The notebook or folder at a path is at another one now; what is said about it goes on. */
  move(path: string, to: string): void {
    new Set([this._dialogue, ...this._pending]).forEach(dialogue =>
      dialogue.moveTo(movedAlong(dialogue.path, path, to))
    );
  }

  /** Shows what was said and tidied up in other pages meanwhile. */
  async catchUp(): Promise<void> {
    if (this.path && !this._isLoading) {
      await this._catchUpWith(this._dialogue);
    }
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
    this._pending.delete(dialogue);
    await this.turnTo(dialogue.path);
  }

  /** Forgets all conversations about the notebook, or those about the other ones as well. */
  async clear(isEverywhere: boolean): Promise<void> {
    const { path } = this;
    const gone = [...this._pending].filter(dialogue => isEverywhere || dialogue.path === path);
    gone.forEach(dialogue => dialogue.stop());
    await this._chats.clear(isEverywhere ? null : path);
    gone.forEach(dialogue => this._pending.delete(dialogue));
    await this.turnTo(path);
  }

  /** Where the server cannot be asked all stays as it is: what is asked next says why. */
  private async _catchUpWith(dialogue: Dialogue): Promise<void> {
    try {
      await this._list(this.path);
      await dialogue.catchUp();
    } catch {
      return;
    }
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
    let wasBusy = false;
    const follow = () => {
      const { isBusy } = dialogue;
      const isTurn = isBusy !== wasBusy;
      wasBusy = isBusy;
      if (isBusy && isTurn) {
        this._pending.delete(dialogue);
        this._pending.add(dialogue);
      }
      // A question that the server never heard is to be had from here only. It may have been answered in another
      // page since.
      if (!isBusy && !dialogue.isUnheard) {
        this._pending.delete(dialogue);
      }
      if (!isBusy && isTurn) {
        // Its title and its place in the list are others now.
        void this._catchUpWith(dialogue);
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
  /** Those whose last question has no whole answer: it is being written, or was never heard. The last one asked is last. */
  private readonly _pending = new Set<Dialogue>();
  private readonly _followed = new WeakSet<Dialogue>();
  private _dialogue: Dialogue;
  private _known: readonly Chat[] = [];
  private _notice = '';
  private _isLoading = false;
  private _failure: Failure | null = null;
}

/** The server may never have heard of a conversation: then it goes by the key of its first question. */
function nameOf({ id, entries }: Dialogue): string {
  return id || (entries.at(0)?.key ?? '');
}
