/** Text counted in Unicode code points: the unit of every offset on the wire, where JavaScript counts UTF-16 units. */

/** The text before and behind an offset. */
export function splitAt(text: string, offsetCodepoints: number): [string, string] {
  let at = 0;
  for (let n = 0; n < offsetCodepoints && at < text.length; n++) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return [text.slice(0, at), text.slice(at)];
}

/** At most the first `limit` code points. */
export function cut(text: string, limitCodepoints: number): string {
  // A text with no more units than the limit has no more code points either: most texts go by untouched.
  return text.length <= limitCodepoints ? text : splitAt(text, limitCodepoints)[0];
}

/** The text with every half of a surrogate pair that stands alone replaced, since no UTF-8 can hold it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** How many there are in a text. */
export function countOf(text: string): number {
  return [...text].length;
}
