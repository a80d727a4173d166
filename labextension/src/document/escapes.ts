/** Colours and cursor movements of a terminal. */
// eslint-disable-next-line no-control-regex
const ANSI_ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** What a terminal would show of a text, without colours. */
export function withoutEscapes(text: string): string {
  return text.replace(ANSI_ESCAPES, '');
}
