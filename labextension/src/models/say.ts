/** Writes a text where it is another one: a screen reader takes the same text written again for news. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
