import { describe, expect, it } from 'vitest';

import { remainder } from './remainder';

const whole = { prefix: 'x = df', suffix: '\ny', text: '.groupby("a")', isWhole: true };
const growing = { ...whole, text: '.gro', isWhole: false };

describe('remainder', () => {
  it('is the whole text where nothing was typed', () => {
    expect(remainder(whole, { prefix: 'x = df', suffix: '\ny' })).toBe('.groupby("a")');
  });

  it('is what typing left of it', () => {
    expect(remainder(whole, { prefix: 'x = df.gr', suffix: '\ny' })).toBe('oupby("a")');
  });

  it('is empty where all of it was typed', () => {
    expect(remainder(whole, { prefix: 'x = df.groupby("a")', suffix: '\ny' })).toBe('');
  });

  it.each(['x = df.m', 'x = df.groupby("a").', 'x = d', 'y = df'])(
    'is none where the text differs (%s)',
    prefix => {
      expect(remainder(whole, { prefix, suffix: '\ny' })).toBeNull();
    }
  );

  it('is none where the text behind the cursor differs', () => {
    expect(remainder(whole, { prefix: 'x = df', suffix: '\nz' })).toBeNull();
  });

  it('is empty where typing runs ahead of a text that grows', () => {
    expect(remainder(growing, { prefix: 'x = df.group', suffix: '\ny' })).toBe('');
  });

  it('is none where typing runs ahead of a text that has not begun', () => {
    expect(remainder({ ...growing, text: '' }, { prefix: 'x = df', suffix: '\ny' })).toBe('');
    expect(remainder({ ...growing, text: '' }, { prefix: 'x = df.', suffix: '\ny' })).toBeNull();
  });

  it('is none where typing left the way of a text that grows', () => {
    expect(remainder(growing, { prefix: 'x = df.gra', suffix: '\ny' })).toBeNull();
  });

  it('leaves out the bracket that the editor closed', () => {
    expect(remainder(whole, { prefix: 'x = df.groupby(', suffix: ')\ny' })).toBe('"a"');
    expect(remainder(whole, { prefix: 'x = df.groupby("', suffix: '")\ny' })).toBe('a');
  });

  it('is none where the closed bracket is not the last that was suggested', () => {
    const longer = { ...whole, text: '.groupby("a").mean' };

    expect(remainder(longer, { prefix: 'x = df.groupby(', suffix: ')\ny' })).toBeNull();
  });

  it('is none for a closed bracket while the text grows, since its end is not known', () => {
    const open = { ...growing, text: '.groupby("a")' };

    expect(remainder(open, { prefix: 'x = df.groupby(', suffix: ')\ny' })).toBeNull();
  });

  it('is none where something else than closers came behind the cursor', () => {
    const at = { prefix: 'x', suffix: '', text: ' = y', isWhole: true };

    expect(remainder(at, { prefix: 'x = ', suffix: 'y' })).toBeNull();
  });
});
