import { describe, expect, it } from 'vitest';

import { jsonLines } from './ndjson';

const bytes = new TextEncoder().encode('{"n": 1}\n{"text": "é🎈"}\n\n{"n": 3}');

/** A stream of the bytes, a few at a time. */
function inPieces(size: number, onCancel = () => {}): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
      if (at >= bytes.length) {
        controller.close();
      }
    },
    cancel: onCancel
  });
}

describe('jsonLines', () => {
  it.each([1, 2, 3, 7, 1000])(
    'gives the same values however the bytes are cut (%i)',
    async size => {
      const values = [];
      for await (const value of jsonLines(inPieces(size))) {
        values.push(value);
      }

      expect(values).toEqual([{ n: 1 }, { text: 'é🎈' }, { n: 3 }]);
    }
  );

  it('closes the stream when its reader leaves early', async () => {
    let isCancelled = false;
    for await (const value of jsonLines(inPieces(9, () => (isCancelled = true)))) {
      expect(value).toEqual({ n: 1 });
      break;
    }

    expect(isCancelled).toBe(true);
  });
});
