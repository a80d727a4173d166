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
}

/** A question as the server kept it. */
export function entryOf({ key, question, attachments, reply }: Exchange): Entry {
  const written: Written = {
    state: reply?.ending ?? 'stopped',
    text: reply?.text ?? '',
    failure: null,
    leftOutTurns: reply?.left_out_turns ?? 0
  };
  return { key, question, attachments, written };
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
