import { isRunning } from '../writing/writing';
import type { Written } from '../writing/writing';
import type { Exchange, WireAttachment } from '../wire';

/** A question, and as much of its answer as there is. */
export interface Entry {
  /** Our own name for the question: asked again under the same name, it gets another answer. */
  readonly key: string;
  readonly question: string;
  readonly attachments: readonly WireAttachment[];
  readonly written: Written;
  /** The server had no answer: another page waits for it, or it was lost with the server. */
  readonly isOpen: boolean;
  /** When it was asked in this page, by the server's clock once that is known; null where it was asked elsewhere. */
  readonly here: { readonly askedS: number | null } | null;
}

/** A question as the server kept it. */
export function entryOf({ key, question, attachments, reply }: Exchange): Entry {
  const written: Written = {
    state: reply?.ending ?? 'stopped',
    text: reply?.text ?? '',
    failure: null,
    leftOutTurns: reply?.left_out_turns ?? 0
  };
  return { key, question, attachments, written, isOpen: !reply, here: null };
}

/**
 * What is said by now: what the server has, and behind it what was asked here and never came there.
 *
 * An answer that was read here stands until its question is asked elsewhere: the server may write it down later.
 */
export function caughtUp(entries: readonly Entry[], kept: readonly Exchange[]): Entry[] {
  const shown = new Map(entries.map(entry => [entry.key, entry]));
  const newest = kept.map(exchange => {
    const { key, asked_s: askedS } = exchange;
    const own = shown.get(key);
    const isOwn = own?.here && (own.here.askedS ?? askedS) === askedS;
    return isOwn ? { ...own, here: { askedS } } : entryOf(exchange);
  });
  const known = new Set(kept.map(({ key }) => key));
  return [...newest, ...entries.filter(entry => isUnheard(entry) && !known.has(entry.key))];
}

/** Whether nothing tells that the server knows the question: it failed, or was stopped before a word came. */
export function isUnheard({ written: { state, text }, here }: Entry): boolean {
  return state === 'failed' || (state === 'stopped' && !text && here?.askedS === null);
}

/** What stands below a question that is asked again: the answer that it had, until another has a word. */
export function standing(before: Written, news: Written): Written {
  if (news.text.trim() || !before.text.trim()) {
    return news;
  }
  const { text, leftOutTurns } = before;
  return isRunning(news) || news.failure ? { ...news, text, leftOutTurns } : before;
}

/**
 * Where the model's memory of a conversation begins: before the entry at this index; 0 where nothing was left out.
 *
 * The last answer tells. The prompt holds what got an answer only, a turn for the question and one for the answer.
 */
export function firstRemembered(entries: readonly Entry[]): number {
  const newest = entries.at(-1);
  const last = entries.length - (newest && isRunning(newest.written) ? 2 : 1);
  let leftOut = entries[last]?.written.leftOutTurns ?? 0;
  let index = 0;
  while (leftOut > 0 && index < last) {
    leftOut -= entries[index].written.text ? 2 : 0;
    index += 1;
  }
  return index;
}
