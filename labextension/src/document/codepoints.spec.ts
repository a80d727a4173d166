import { describe, expect, it } from 'vitest';

import { countOf, cut, splitAt, wellFormed } from './codepoints';

describe('splitAt', () => {
  it('counts an emoji before the offset as one', () => {
    expect(splitAt('🎈🎈 = x', 2)).toEqual(['🎈🎈', ' = x']);
  });

  it('gives an empty half at either end', () => {
    expect(splitAt('ab', 0)).toEqual(['', 'ab']);
    expect(splitAt('ab', 2)).toEqual(['ab', '']);
  });

  it('stays inside the text for an offset behind it', () => {
    expect(splitAt('a🎈', 9)).toEqual(['a🎈', '']);
  });
});

describe('cut', () => {
  it('never leaves half an emoji', () => {
    expect(cut('ab🎈🎈', 3)).toBe('ab🎈');
  });

  it('leaves a short text alone', () => {
    expect(cut('ab', 3)).toBe('ab');
  });
});

describe('wellFormed', () => {
  it('replaces half an emoji and keeps a whole one', () => {
    expect(wellFormed('a\ud83d🎈\udc00')).toBe('a\ufffd🎈\ufffd');
  });
});

describe('countOf', () => {
  it('counts an emoji as one', () => {
    expect(countOf('a🎈')).toBe(2);
  });
});
