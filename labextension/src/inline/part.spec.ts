import { describe, expect, it } from 'vitest';

import { firstLine, firstWord } from './part';

/** All parts of a text, taken one after the other. */
function parts(text: string, partOf: (text: string) => string): string[] {
  const part = partOf(text);
  return part ? [part, ...parts(text.slice(part.length), partOf)] : [];
}

describe('the first word', () => {
  it.each([
    ['df.groupby("a")', ['df', '.', 'groupby', '("', 'a', '")']],
    ['42 + 1', ['42', ' +', ' 1']],
    ['\n    return größe_2', ['\n    return', ' größe_2']],
    ['x  ', ['x', '  ']]
  ])('cuts %j at the borders of words, and loses nothing', (text, expected) => {
    expect(parts(text, firstWord)).toEqual(expected);
  });
});

describe('the first line', () => {
  it.each([
    ['\n    if i:\n        print(i)', ['\n    if i:', '\n        print(i)']],
    ['x = 1\n\ny = 2', ['x = 1', '\n\ny = 2']],
    ['one', ['one']]
  ])('cuts %j at the ends of lines that say something', (text, expected) => {
    expect(parts(text, firstLine)).toEqual(expected);
  });
});
