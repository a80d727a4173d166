import { describe, expect, it } from 'vitest';

import type { AnswerEvent } from '../server/api';
import { Failure } from '../server/failure';
import type { DoneEvent, Finish } from '../wire';
import { Writing } from './writing';
import type { Ask, Written } from './writing';

const text = (piece: string): AnswerEvent => ({ type: 'text', text: piece });
const done = (finish: Finish, left_out_turns = 0): AnswerEvent =>
  ({ type: 'done', finish, model: 'fake', left_out_turns }) as DoneEvent;

function answering(...events: (AnswerEvent | Failure)[]): Ask {
  return async function* () {
    for (const event of events) {
      if (event instanceof Failure) {
        throw event;
      }
      yield event;
    }
  };
}

/** Says one word, and then nothing until nobody listens any more. */
const endless: Ask = async function* (signal) {
  yield text('word');
  signal.throwIfAborted();
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
};

function watched(): { writing: Writing; states: string[] } {
  const writing = new Writing();
  const states: string[] = [];
  writing.changed.connect((_, { state, text }) => states.push(`${state} ${text}`.trim()));
  return { writing, states };
}

describe('an answer while it is read', () => {
  it('tells every piece, and then how it ended', async () => {
    const { writing, states } = watched();
    const written = await writing.read(answering(text('a'), text('b'), done('stop')));
    expect(states).toEqual(['waiting', 'writing a', 'writing ab', 'done ab']);
    expect(written).toEqual({ state: 'done', text: 'ab', failure: null, leftOutTurns: 0 });
  });

  it('tells the longest length from an end', async () => {
    const { writing } = watched();
    expect((await writing.read(answering(text('a'), done('length'))))?.state).toBe('cut');
  });

  it('tells how much of the conversation was not read', async () => {
    const { writing } = watched();
    expect((await writing.read(answering(text('a'), done('stop', 2))))?.leftOutTurns).toBe(2);
  });

  it('keeps what came before a failure', async () => {
    const failure = new Failure({ code: 'interrupted', message: 'gone' });
    const { writing } = watched();
    const written = await writing.read(answering(text('a'), failure));
    expect(written).toEqual({ state: 'failed', text: 'a', failure, leftOutTurns: 0 });
  });

  it('keeps what came before it was stopped', async () => {
    const { writing, states } = watched();
    writing.changed.connect((_, { text }) => text && writing.stop());
    await writing.read(endless);
    expect(states.at(-1)).toBe('stopped word');
  });

  it('is heard no more once another one is read', async () => {
    const { writing, states } = watched();
    const first = writing.read(endless);
    const second: Promise<Written | null> = writing.read(answering(text('new'), done('stop')));
    expect(await first).toBeNull();
    expect((await second)?.text).toBe('new');
    expect(states).toEqual(['waiting', 'waiting', 'writing new', 'done new']);
  });

  it('is heard no more once nobody needs it', async () => {
    const { writing, states } = watched();
    const reading = writing.read(endless);
    writing.dispose();
    expect(await reading).toBeNull();
    expect(states).toEqual(['waiting']);
  });
});
