import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';

import type { Chat, ChatReply } from '../wire';
import type { Dialogue } from './dialogue';
import { Shelf } from './shelf';

/** A dialogue whose answers a test begins and ends. */
class FakeDialogue {
  constructor(
    readonly path: string,
    kept: ChatReply | null
  ) {
    this.id = kept?.chat.id ?? '';
  }

  get isBusy(): boolean {
    return this.state === 'writing';
  }

  get isUnheard(): boolean {
    return this.state === 'failed';
  }

  /** Something was asked, or the answer came to its end. */
  turn(state: string, id = this.id): void {
    this.entries = [{ key: 'ours', question: 'asked?' }];
    this.id = id;
    this.state = state;
    this.changed.emit();
  }

  readonly changed = new Signal<this, void>(this);
  readonly stop = vi.fn();
  readonly catchUp = vi.fn();
  id: string;
  state = '';
  entries: { key: string; question: string }[] = [];
}

function chat(id: string, title: string): Chat {
  return { id, path: 'a', title, changed_s: 0 };
}

function shelfOf(known: Chat[] = []) {
  const chats = {
    list: vi.fn(async (path: string) => ({
      chats: known.filter(each => each.path === path),
      notice: ''
    })),
    read: vi.fn(async (id: string): Promise<ChatReply> => ({ chat: chat(id, id), exchanges: [] })),
    rename: vi.fn(),
    move: vi.fn(),
    delete: vi.fn(),
    clear: vi.fn()
  };
  const shelf = new Shelf(
    chats,
    (path, kept) => new FakeDialogue(path, kept) as unknown as Dialogue
  );
  return { shelf, chats, open: () => shelf.dialogue as unknown as FakeDialogue };
}

describe('deleting all conversations', () => {
  it('about one notebook leaves the answers about others be', async () => {
    const { shelf, open } = shelfOf();
    await shelf.turnTo('a');
    const first = open();
    first.turn('writing');
    await shelf.turnTo('b');
    const second = open();
    second.turn('writing');

    await shelf.clear(false);
    expect(second.stop).toHaveBeenCalled();
    expect(first.stop).not.toHaveBeenCalled();
    expect(open()).not.toBe(second);
    await shelf.clear(true);
    expect(first.stop).toHaveBeenCalled();
  });
});

describe('a question that failed', () => {
  it('is there again when the person comes back to its notebook', async () => {
    const { shelf, open } = shelfOf([chat('untitled', ''), chat('old', 'Old')]);
    await shelf.turnTo('a');
    expect(open().id).toBe('old');
    shelf.begin();
    const failed = open();
    failed.turn('writing', 'untitled');
    failed.turn('failed');
    await shelf.turnTo('b');

    await shelf.turnTo('a');
    expect(open()).toBe(failed);
  });

  it('does not come before newer ones any more once it was answered in another page', async () => {
    const known = [chat('old', 'Old')];
    const { shelf, open } = shelfOf(known);
    await shelf.turnTo('a');
    const failed = open();
    failed.turn('writing');
    failed.turn('failed');
    failed.turn('done');
    known.unshift(chat('newer', 'Newer'));
    await shelf.turnTo('b');

    await shelf.turnTo('a');
    expect(open().id).toBe('newer');
  });

  it('can be chosen from the list, by its question, until it is deleted', async () => {
    const { shelf, open } = shelfOf([chat('untitled', ''), chat('old', 'Old')]);
    await shelf.turnTo('a');
    shelf.begin();
    const failed = open();
    failed.turn('writing', 'untitled');
    failed.turn('failed');
    shelf.begin();

    expect(shelf.chats.map(({ title }) => title)).toEqual(['asked?', 'Old']);
    await shelf.open('untitled');
    expect(open()).toBe(failed);
    await shelf.delete();
    expect(open().id).toBe('old');
  });
});

describe('a question of which the server has never heard', () => {
  it('can be chosen from the list, stays in view, and is asked under one name once it has one', async () => {
    const { shelf, open } = shelfOf([chat('old', 'Old')]);
    await shelf.turnTo('a');
    shelf.begin();
    expect([shelf.current, shelf.title]).toEqual(['', '']);
    const failed = open();
    failed.turn('writing');
    failed.turn('failed');
    expect(shelf.chats.find(({ id }) => id === shelf.current)?.title).toBe('asked?');
    shelf.begin();
    expect(shelf.chats.map(({ title }) => title)).toEqual(['asked?', 'Old']);

    await shelf.open(shelf.chats[0].id);
    expect(open()).toBe(failed);
    failed.turn('writing', 'new');
    expect(shelf.current).toBe('new');
    expect(shelf.chats.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it('is not listed about another notebook, and can be deleted', async () => {
    const { shelf, chats, open } = shelfOf();
    await shelf.turnTo('a');
    open().turn('writing');
    open().turn('failed');
    await shelf.turnTo('b');
    expect(shelf.chats).toEqual([]);
    await shelf.turnTo('a');
    expect(shelf.title).toBe('asked?');

    await shelf.delete();
    expect(chats.delete).not.toHaveBeenCalled();
    expect(shelf.chats).toEqual([]);
  });
});

describe('a conversation that is deleted while its question is asked', () => {
  it('does not come back when that has ended', async () => {
    const { shelf, open } = shelfOf();
    await shelf.turnTo('a');
    const gone = open();
    gone.turn('writing');
    await shelf.delete();
    gone.turn('failed');

    expect(shelf.chats).toEqual([]);
  });
});

describe('a question that is asked while the history loads', () => {
  it('stays in view', async () => {
    const { shelf, chats, open } = shelfOf([chat('old', 'Old')]);
    chats.read.mockImplementation(async id => {
      open().turn('writing');
      return { chat: chat(id, id), exchanges: [] };
    });

    await shelf.turnTo('a');
    expect(open().entries).toHaveLength(1);
  });
});

describe('what is said in another page', () => {
  it('is read when an answer has come and when the person turns to the chat, if the server can be asked', async () => {
    const { shelf, chats, open } = shelfOf([chat('old', 'Old')]);
    await shelf.turnTo('a');
    open().turn('writing');
    open().turn('done');
    await vi.waitFor(() => expect(open().catchUp).toHaveBeenCalledTimes(1));
    await shelf.catchUp();
    expect(open().catchUp).toHaveBeenCalledTimes(2);

    chats.list.mockRejectedValue(new Error('gone'));
    await shelf.catchUp();
    expect(shelf.failure).toBeNull();
  });
});
