import { describe, expect, it } from 'vitest';

import { caughtUp, entryOf, firstRemembered, standing } from './entry';
import type { Entry } from './entry';
import { Failure } from '../server/failure';
import type { Written } from '../writing/writing';
import type { Exchange, Reply } from '../wire';

function answered(text: string, left_out_turns = 0) {
  const reply: Reply = { text, ending: 'done', model: 'fake', left_out_turns };
  return entryOf({ key: text, question: 'q', asked_s: 0, attachments: [], reply });
}

const unanswered = entryOf({ key: '', question: 'q', asked_s: 0, attachments: [], reply: null });

describe('what stands below a question that is asked again', () => {
  const { written: before } = answered('old', 2);
  const news: Written = { state: 'waiting', text: '\n', failure: null, leftOutTurns: 0 };

  it('is the old answer until the new one has a word', () => {
    expect(standing(before, news)).toEqual({ ...before, state: 'waiting' });
    const begun: Written = { ...news, state: 'writing', text: '\nn' };
    expect(standing(before, begun)).toBe(begun);
  });

  it('is the old answer, as it was, where the new one ended without a word', () => {
    for (const state of ['stopped', 'done'] as const) {
      expect(standing(before, { ...news, state })).toBe(before);
    }
  });

  it('is the old answer with the reason why the new one failed', () => {
    const failure = Failure.of(new Error('gone'));

    const failed = standing(before, { ...news, state: 'failed', failure });
    expect(failed).toEqual({ ...before, state: 'failed', failure });
  });

  it('is how the new one ended where there was no old one', () => {
    const ended: Written = { ...news, state: 'stopped' };
    expect(standing(unanswered.written, ended)).toBe(ended);
  });
});

describe('what was said in another page meanwhile', () => {
  const said = (key: string, text: string | null, asked_s = 0): Exchange => ({
    ...{ key, question: key, asked_s, attachments: [] },
    reply: text === null ? null : { text, ending: 'done', model: 'fake', left_out_turns: 0 }
  });
  const here = (key: string, text: string, state: Written['state'] = 'done'): Entry => ({
    ...entryOf(said(key, text)),
    ...{ written: { state, text, failure: null, leftOutTurns: 0 }, here: { askedS: null } }
  });
  const texts = (entries: readonly Entry[]) => entries.map(({ written }) => written.text);

  it('stands where it was said', () => {
    const caught = caughtUp([here('mine', 'm')], [said('theirs', 't'), said('mine', 'm')]);
    expect(texts(caught)).toEqual(['t', 'm']);
  });

  it('leaves what was read here as it is, until it is asked again elsewhere', () => {
    const [mine] = caughtUp([here('mine', 'new', 'stopped')], [said('mine', 'old', 1)]);
    expect(mine.written.text).toBe('new');

    expect(texts(caughtUp([mine], [said('mine', 'late', 1)]))).toEqual(['new']);
    expect(texts(caughtUp([mine], [said('mine', 'other', 2)]))).toEqual(['other']);
  });

  it('takes the place of an answer that was still to come', () => {
    const [open] = caughtUp([], [said('theirs', null)]);
    expect(open.isOpen).toBe(true);

    const [answered] = caughtUp([open], [said('theirs', 'whole')]);
    expect(answered).toMatchObject({ isOpen: false, written: { text: 'whole' } });
  });

  it('takes away what is gone there, but for what never got there', () => {
    const entries = [
      here('gone', 'g'),
      here('begun', 'b', 'stopped'),
      here('failed', '', 'failed'),
      here('stopped', '', 'stopped')
    ];
    expect(caughtUp(entries, []).map(({ key }) => key)).toEqual(['failed', 'stopped']);
  });

  it('takes away a question that was stopped without a word, once it had come there', () => {
    const heard = caughtUp([here('mine', '', 'stopped')], [said('mine', null, 1)]);
    expect(heard).toHaveLength(1);
    expect(caughtUp(heard, [])).toEqual([]);
  });
});

describe('where the memory of a conversation begins', () => {
  it('is its beginning while all of it has room', () => {
    expect(firstRemembered([])).toBe(0);
    expect(firstRemembered([answered('a'), answered('b')])).toBe(0);
  });

  it('is behind the questions whose turns the last answer left out', () => {
    const entries = [answered('a'), answered('b'), answered('c', 2), answered('d', 4)];

    expect(firstRemembered(entries)).toBe(2);
    expect(firstRemembered(entries.slice(0, 3))).toBe(1);
  });

  it('is behind a question of which one turn was left out', () => {
    expect(firstRemembered([answered('a'), answered('b'), answered('c', 3)])).toBe(2);
  });

  it('does not count what got no answer', () => {
    expect(firstRemembered([unanswered, answered('a'), answered('b'), answered('c', 2)])).toBe(2);
  });

  it('is what the last whole answer says while the next one is written', () => {
    const entry = {
      ...answered(''),
      written: { state: 'waiting', text: '', failure: null, leftOutTurns: 0 }
    } as const;

    expect(firstRemembered([answered('a'), answered('b', 2), entry])).toBe(1);
  });
});
