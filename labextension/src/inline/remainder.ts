/** Text around a cursor. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
}

/** A suggestion: its text stood at a cursor. */
export interface Suggestion extends Surroundings {
  readonly text: string;
  /** Whether no more text will come. */
  readonly isWhole: boolean;
}

/** What an editor closes by itself when a bracket or a quote is opened. */
const CLOSERS = /^[)\]}'"`]+$/;

/**
 * What of a suggestion is still to be typed at a cursor.
 *
 * @returns the text to insert there; empty where what was typed has used it up, or runs ahead of a suggestion that is
 * still growing; null where the suggestion has no place at this cursor. One without a first word has none after a key:
 * nothing says that it will agree.
 */
export function remainder(suggestion: Suggestion, here: Surroundings): string | null {
  if (!here.prefix.startsWith(suggestion.prefix)) {
    return null;
  }
  const typed = here.prefix.slice(suggestion.prefix.length);
  const { text, isWhole } = suggestion;
  if (!text.startsWith(typed)) {
    const runsAhead =
      !isWhole && text !== '' && typed.startsWith(text) && here.suffix === suggestion.suffix;
    return runsAhead ? '' : null;
  }
  const rest = text.slice(typed.length);
  if (here.suffix === suggestion.suffix) {
    return rest;
  }
  return isWhole && here.suffix.endsWith(suggestion.suffix)
    ? beforeClosers(rest, here.suffix.slice(0, here.suffix.length - suggestion.suffix.length))
    : null;
}

/** The same at the cursor of a spot, as the text around it stands by now. */
export function restAt(
  suggestion: Suggestion,
  spot: { now(): Surroundings | null }
): string | null {
  const here = spot.now();
  return here && remainder(suggestion, here);
}

/** The rest without closers that stand behind the cursor by now, if inserting it gives the suggested text after all. */
function beforeClosers(rest: string, closers: string): string | null {
  return CLOSERS.test(closers) && rest.endsWith(closers)
    ? rest.slice(0, rest.length - closers.length)
    : null;
}

/** Whether a cursor stands between two letters: what would be put there belongs to no word. */
export function isInWord({ prefix, suffix }: Surroundings): boolean {
  return /[\p{L}\p{N}_]$/u.test(prefix) && /^[\p{L}\p{N}_]/u.test(suffix);
}
