import { describe, expect, it } from 'vitest';

import { replaceInOneStep, spanBetween } from './step';

describe('the place where two texts differ', () => {
  it('is the smallest that makes one out of the other', () => {
    expect(spanBetween('abcd', 'aXYd')).toEqual({ from: 1, to: 3, insert: 'XY' });
    expect(spanBetween('aa', 'aaa')).toEqual({ from: 2, to: 2, insert: 'a' });
    expect(spanBetween('ab', '')).toEqual({ from: 0, to: 2, insert: '' });
  });

  it('never parts an emoji that shares a half with another one', () => {
    expect(spanBetween('a😀b', 'a😃b')).toEqual({ from: 1, to: 3, insert: '😃' });
    expect(spanBetween('a\u{1F600}b', 'a\u{1FA00}b')).toEqual({
      from: 1,
      to: 3,
      insert: '\u{1FA00}'
    });
    expect(spanBetween('😀', '😀😀')).toEqual({ from: 2, to: 2, insert: '😀' });
  });

  it('is empty between equal texts', () => {
    expect(spanBetween('ab', 'ab')).toEqual({ from: 2, to: 2, insert: '' });
  });
});

describe('a text that gets other content', () => {
  it('is changed once, between two ends of undoing', () => {
    const calls: unknown[] = [];
    const text = {
      getSource: () => 'a = 1',
      updateSource: (...args: unknown[]) => calls.push(args),
      undoManager: { stopCapturing: () => calls.push('end') }
    };
    replaceInOneStep(text as unknown as Parameters<typeof replaceInOneStep>[0], 'a = 10');
    expect(calls).toEqual(['end', [5, 5, '0'], 'end']);
  });
});
