import { describe, expect, it } from 'vitest';

import type { AnswerEvent } from '../server/api';
import type { Chat, ChatReply, Exchange } from '../wire';
import { Dialogue } from './dialogue';

const DONE = { type: 'done', finish: 'stop', left_out_turns: 0 } as AnswerEvent;

function replyOf(...questions: string[]): ChatReply {
  const exchanges = questions.map((question): Exchange => ({
    ...{ key: question, question, asked_s: 0, attachments: [] },
    reply: { text: 'yes', ending: 'done', model: 'fake', left_out_turns: 0 }
  }));
  return { chat: { id: 'c', path: 'a', title: '', changed_s: 0 }, exchanges };
}

function dialogueOf(
  read: () => Promise<ChatReply>,
  create = async () => replyOf().chat,
  kept: ChatReply | null = replyOf('first')
) {
  const options = {
    path: 'a',
    chats: { create, read },
    requests: {
      askAt: async function* (): AsyncGenerator<AnswerEvent> {
        yield { type: 'text', text: 'word' };
        yield DONE;
      }
    },
    read: (path: string) => ({ cells: [], current: -1, language: '', path })
  };
  return new Dialogue(options, kept);
}

describe('what was said in another page', () => {
  it('is shown as soon as it is read', async () => {
    const dialogue = dialogueOf(async () => replyOf('first', 'theirs'));
    await dialogue.catchUp();

    expect(dialogue.entries.map(({ question }) => question)).toEqual(['first', 'theirs']);
  });

  it('takes nothing away that was asked here while it was read', async () => {
    let arrive = (_: ChatReply) => {};
    const dialogue = dialogueOf(() => new Promise(resolve => (arrive = resolve)));
    const caught = dialogue.catchUp();
    await dialogue.ask('mine', []);
    arrive(replyOf('first'));
    await caught;

    expect(dialogue.entries.map(({ question }) => question)).toEqual(['first', 'mine']);
  });
});

describe('a question that is stopped before the server hears it', () => {
  it('stays, to be asked again', async () => {
    let begin = (_: Chat) => {};
    const dialogue = dialogueOf(
      async () => replyOf(),
      () => new Promise(resolve => (begin = resolve)),
      null
    );
    const asked = dialogue.ask('mine', []);
    dialogue.stop();
    begin(replyOf().chat);
    await asked;
    await dialogue.catchUp();

    expect(dialogue.entries.map(({ question }) => question)).toEqual(['mine']);
    expect(dialogue.isUnheard).toBe(true);
  });
});
