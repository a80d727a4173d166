/** A comment in Python, R, Julia and shells, in C's and JavaScript's family, in SQL and Haskell. */
const COMMENT = /^\s*(?:#(?!!)|\/\/|--)+\s?(.*)$/;

/** What a cell asks for in words: a Markdown cell as it is, code if it is nothing but comments; else nothing. */
export function wordsOf(type: string, source: string): string {
  if (type === 'markdown') {
    return source.trim();
  }
  if (type !== 'code') {
    return '';
  }
  const words: string[] = [];
  for (const line of source.split('\n')) {
    const comment = COMMENT.exec(line);
    if (comment) {
      words.push(comment[1].trim());
    } else if (line.trim()) {
      return '';
    }
  }
  return words.join('\n').trim();
}
