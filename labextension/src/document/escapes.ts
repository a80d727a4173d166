import { wellFormed } from './codepoints';

/** Colours and cursor movements of a terminal. */
// eslint-disable-next-line no-control-regex
const ANSI_ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** How much longer than what it shows a text is taken to be, at most: only that much of a huge one is looked at. */
const LOOK = 4;

/** What a terminal would show of a text, without colours. */
export function withoutEscapes(text: string): string {
  return text.replace(ANSI_ESCAPES, '');
}

/** What a terminal would show at the beginning of a text. */
export function beginningOf(text: string, limit: number): string {
  return wellFormed(withoutEscapes(text.slice(0, LOOK * limit)).slice(0, limit));
}

/** What a terminal would show at the end of a text. */
export function endOf(text: string, limit: number): string {
  return wellFormed(withoutEscapes(text.slice(-LOOK * limit)).slice(-limit));
}
