import { describe, expect, it } from 'vitest';

import { beginningOf, endOf } from './escapes';

const RED = '\u001b[31mred\u001b[39m';

describe('a text of a terminal', () => {
  it('has no colours', () => {
    expect(endOf(RED, 10)).toBe('red');
    expect(beginningOf(RED, 10)).toBe('red');
  });

  it('is cut where it is long, and never into half an emoji', () => {
    expect(endOf('ab🎈c', 2)).toBe('\ufffdc');
    expect(beginningOf('a🎈bc', 2)).toBe('a\ufffd');
  });

  it('is looked at no further than it can be kept', () => {
    expect(endOf(`${'x'.repeat(99)}${RED}`, 3)).toBe('red');
    expect(beginningOf(`a${'\u001b[m'.repeat(99)}c`, 4)).toBe('a');
  });
});
