import { describe, expect, it } from 'vitest';

import { soFar, wholeLines } from './preview';

const CELL = 'a = 1\nb = 2\n\nc = 3';

describe('a cell while its new text is written', () => {
  it('is as it was before the first character', () => {
    expect(soFar(CELL, '')).toBe(CELL);
  });

  it('is as it was while its own lines are repeated', () => {
    expect(soFar(CELL, 'a = 1\nb =')).toBe(CELL);
  });

  it('shows a new line above the old ones that have not come yet', () => {
    expect(soFar(CELL, 'a = 1\nx = 0\n')).toBe('a = 1\nx = 0\nb = 2\n\nc = 3');
  });

  it('shows the line that is being written', () => {
    expect(soFar(CELL, 'a = 1\nx =')).toBe('a = 1\nx =\nb = 2\n\nc = 3');
  });

  it('leaves out old lines as soon as a later one comes again', () => {
    expect(soFar(CELL, 'a = 1\nc = 3\n')).toBe('a = 1\nc = 3');
  });

  it('does not skip old lines for a blank one', () => {
    expect(soFar(CELL, 'a = 1\n\n')).toBe('a = 1\n\nb = 2\n\nc = 3');
  });
});

describe('an answer that ended on its way', () => {
  it('is what came of it in whole lines', () => {
    expect(wholeLines('a = 1\nx =')).toBe('a = 1\n');
    expect(wholeLines('a = 1\n')).toBe('a = 1\n');
    expect(wholeLines('a =')).toBe('');
  });
});
