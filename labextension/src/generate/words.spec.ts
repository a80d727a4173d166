import { describe, expect, it } from 'vitest';

import { wordsOf } from './words';

describe('what a cell asks for in words', () => {
  it('is a Markdown cell as it stands', () => {
    expect(wordsOf('markdown', ' # Plot\n\nby day\n')).toBe('# Plot\n\nby day');
  });

  it('is a comment without its marks', () => {
    expect(wordsOf('code', '# Plot the sales\n\n  # by day')).toBe('Plot the sales\nby day');
    expect(wordsOf('code', '// Plot')).toBe('Plot');
  });

  it('is nothing where there is code', () => {
    expect(wordsOf('code', '# Plot\nx = 1')).toBe('');
    expect(wordsOf('code', '#!shebang')).toBe('');
    expect(wordsOf('raw', 'Plot')).toBe('');
  });
});
