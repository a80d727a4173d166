import { describe, expect, it } from 'vitest';

import { KnownCells, named } from './cells';

const cells = ['import a', 'b = 1', 'c = 2'].map(source => named('code', source, []));

describe('named', () => {
  it('names equal content equally and other content otherwise', () => {
    const name = (...args: Parameters<typeof named>) => named(...args).hash;

    expect(name('code', 'x', [])).toBe(name('code', 'x', []));
    expect(name('code', 'x', [])).not.toBe(name('markdown', 'x', []));
    expect(name('code', 'x', [])).not.toBe(name('code', 'x', [{ kind: 'stream', text: '' }]));
    expect(name('code', 'x', [{ kind: 'stream', text: 'ab' }])).not.toBe(
      name('code', 'x', [{ kind: 'result', text: 'ab' }])
    );
    expect(name('code', 'ab', [{ kind: 'stream', text: 'c' }])).not.toBe(
      name('code', 'a', [{ kind: 'stream', text: 'bc' }])
    );
  });
});

describe('KnownCells', () => {
  it('tells which run a cell was, and sends it again after another one', () => {
    const known = new KnownCells();
    const [first, second] = [3, 4].map(run => named('code', 'a = 1', [], run));

    expect(known.pack([first, cells[0]], 1)[0]).toMatchObject({ source: 'a = 1', run: 3 });
    expect(known.pack([second, cells[0]], 1)[0]).toMatchObject({ source: 'a = 1', run: 4 });
    expect(known.pack([second, cells[0]], 1)[0]).toBe(second.hash);
  });

  it('sends a cell in full once and its name after that', () => {
    const known = new KnownCells();

    expect(known.pack(cells, 2)[0]).toEqual({
      kind: 'code',
      source: 'import a',
      outputs: [],
      hash: cells[0].hash
    });
    expect(known.pack(cells, 2).slice(0, 2)).toEqual([cells[0].hash, cells[1].hash]);
  });

  it('sends the current cell in full and without a name every time', () => {
    const known = new KnownCells();
    known.pack(cells, 2);

    expect(known.pack(cells, 2)[2]).toEqual({
      kind: 'code',
      source: 'c = 2',
      outputs: [],
      hash: ''
    });
  });

  it('sends again in full what the server has lost', () => {
    const known = new KnownCells();
    known.pack(cells, 2);
    known.forget([cells[1].hash]);

    const again = known.pack(cells, 2);

    expect(again[0]).toBe(cells[0].hash);
    expect(again[1]).toMatchObject({ source: 'b = 1' });
  });

  it('sends twins in full where neither was sent before, since the server knows only earlier requests', () => {
    const twin = named('code', 'same', []);
    const known = new KnownCells();

    expect(known.pack([twin, twin, cells[0]], 2)).toMatchObject([
      { source: 'same' },
      { source: 'same' },
      {}
    ]);
    expect(known.pack([twin, twin, cells[0]], 2).slice(0, 2)).toEqual([twin.hash, twin.hash]);
  });

  it('sends in full again what the newest request did not name, as the server has let go of it', () => {
    const known = new KnownCells();
    known.pack(cells, 2);
    known.pack(cells, 0);

    expect(known.pack(cells, 2)[0]).toMatchObject({ source: 'import a' });
  });
});
