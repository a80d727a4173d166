import { describe, expect, it } from 'vitest';

import { rebased } from './rebase';

const CELL = 'a = 1\nb = 2\nc = 3\nd = 4';

describe('a proposal for a cell that changed meanwhile', () => {
  it('stays as it is where nothing changed', () => {
    expect(rebased(CELL, 'x', CELL)).toBe('x');
  });

  it('takes in changes of other lines', () => {
    const proposal = CELL.replace('a = 1', 'a = 10');
    expect(rebased(CELL, proposal, `${CELL}\ne = 5`)).toBe(`${proposal}\ne = 5`);
  });

  it('keeps changes before and behind its own apart', () => {
    const proposal = CELL.replace('c = 3', 'c = 30\ncc = 33');
    const now = `z = 0\n${CELL.replace('d = 4', 'd = "😀"')}`;
    expect(rebased(CELL, proposal, now)).toBe('z = 0\na = 1\nb = 2\nc = 30\ncc = 33\nd = "😀"');
  });

  it('is given up where the same line changed', () => {
    expect(rebased(CELL, CELL.replace('b = 2', 'b = 20'), CELL.replace('b', 'bb'))).toBeNull();
  });

  it('is given up where a line that it changes was taken out', () => {
    expect(rebased(CELL, CELL.replace('b = 2', 'b = 20'), 'a = 1\nc = 3\nd = 4')).toBeNull();
  });
});
