/** A name for a text: 53 bits in base 36, at most 11 characters. Equal texts have equal names; no secret is kept by it. */
export function contentHash(text: string): string {
  // Two 32-bit lanes with different multipliers, so that texts which meet in one lane part in the other.
  let low = 0x9e3779b1;
  let high = 0x7f4a7c15;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x85ebca77);
    high = Math.imul(high ^ unit, 0xc2b2ae3d);
    // A multiplication only carries bits upwards: turn the word, so that the upper bits count for the lower ones too.
    low = (low << 13) | (low >>> 19);
    high = (high << 17) | (high >>> 15);
  }
  low = avalanche(low ^ text.length ^ high);
  high = avalanche(high ^ low);
  return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)).toString(36);
}

/** Lets every bit of a word reach every other one. */
function avalanche(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}
