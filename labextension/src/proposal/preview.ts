/**
 * What a cell would be if its new text went on as the old one does.
 *
 * While a text is written, what it has not come to yet would look as if it were taken out. So the old lines behind the
 * last one that came again are kept below what is written.
 */
export function soFar(original: string, written: string): string {
  const old = original.split('\n');
  const lines = written.split('\n');
  const unfinished = lines.pop() ?? '';
  let next = 0;
  for (const line of lines) {
    // A blank line is everywhere: only the very next one says where we are.
    const at = line.trim() ? old.indexOf(line, next) : next;
    if (old[at] === line) {
      next = at + 1;
    }
  }
  const rest = old.slice(next);
  if (unfinished && !rest[0]?.startsWith(unfinished)) {
    lines.push(unfinished);
  }
  return [...lines, ...rest].join('\n');
}

/** A text that ends somewhere, without the line on which it does: half a line is no code. */
export function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
