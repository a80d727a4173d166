import type { CodeEditor } from '@jupyterlab/codeeditor';

type SharedText = CodeEditor.IModel['sharedModel'];

/** What a shared document has besides what its type declares. */
interface Undoable {
  readonly undoManager?: { stopCapturing(): void } | null;
}

/**
 * Where two texts differ, if they differ in one place: what stands there now, and what is to stand there.
 *
 * Never between the halves of a character of two units, such as an emoji: a shared document keeps no half of one.
 */
export function spanBetween(
  before: string,
  after: string
): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) {
    head++;
  }
  if (/[\uD800-\uDBFF]/.test(before.charAt(head - 1))) {
    head--;
  }
  let tail = 0;
  while (
    tail < shorter - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  if (/[\uDC00-\uDFFF]/.test(before.charAt(before.length - tail))) {
    tail--;
  }
  return {
    from: head,
    to: before.length - tail,
    insert: after.slice(head, after.length - tail)
  };
}

/** Gives a text other content by one change, which is one step of undoing by itself. */
export function replaceInOneStep(text: SharedText, content: string): void {
  const { from, to, insert } = spanBetween(text.getSource(), content);
  endStep(text);
  text.updateSource(from, to, insert);
  endStep(text);
}

/** What changes from now on is another step of undoing: a document joins what comes within half a second. */
export function endStep(document: object | null | undefined): void {
  (document as Undoable | null | undefined)?.undoManager?.stopCapturing();
}
