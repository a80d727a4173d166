import { describe, expect, it } from 'vitest';

import { contentHash } from './hash';

describe('contentHash', () => {
  it('is the same for the same text and short', () => {
    expect(contentHash('x = 1')).toBe(contentHash('x = 1'));
    expect(contentHash('x'.repeat(100_000)).length).toBeLessThanOrEqual(11);
  });

  it('tells apart 100,000 texts that differ in little', () => {
    const texts = Array.from({ length: 50_000 }, (_, n) => [`cell ${n}`, `${n} `.repeat(3)]).flat();

    expect(new Set(texts.map(contentHash)).size).toBe(texts.length);
  });

  it('tells apart texts of one character repeated', () => {
    const texts = Array.from({ length: 2_000 }, (_, n) => '\0'.repeat(n));

    expect(new Set(texts.map(contentHash)).size).toBe(texts.length);
  });

  it('spreads over its whole range', () => {
    const numbers = Array.from(
      { length: 4_000 },
      (_, n) => parseInt(contentHash(String(n)), 36) / 2 ** 53
    );
    const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });
});
