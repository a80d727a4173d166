import { describe, expect, it } from 'vitest';

import { isOwn } from './keys';

function key(name: string, held: Partial<KeyboardEvent> = {}): KeyboardEvent {
  return {
    key: name,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...held
  } as KeyboardEvent;
}

describe('a key pressed in one of our panels', () => {
  it('is its own without Ctrl or Cmd', () => {
    expect(isOwn(key('d'), {})).toBe(true);
    expect(isOwn(key('Enter', { shiftKey: true }), {})).toBe(true);
  });

  it('is its own where it edits text, with Caps Lock too', () => {
    expect(isOwn(key('z', { ctrlKey: true }), {})).toBe(true);
    expect(isOwn(key('Z', { ctrlKey: true }), {})).toBe(true);
    expect(isOwn(key('Z', { metaKey: true, shiftKey: true }), {})).toBe(true);
  });

  it('is its own where it does something here', () => {
    expect(isOwn(key('Enter', { ctrlKey: true }), { 'Accel Enter': () => undefined })).toBe(true);
  });

  it('goes to the application where it is meant for that', () => {
    expect(isOwn(key('s', { ctrlKey: true }), {})).toBe(false);
    expect(isOwn(key('c', { ctrlKey: true, altKey: true }), {})).toBe(false);
    expect(isOwn(key('C', { ctrlKey: true, shiftKey: true }), {})).toBe(false);
    expect(isOwn(key('Enter', { ctrlKey: true }), {})).toBe(false);
  });

  it('is left to what composes characters', () => {
    expect(isOwn(key('Enter', { isComposing: true }), {})).toBe(false);
  });
});
