import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import { followRenames, movedAlong } from './renames';

function page() {
  const files = { fileChanged: new Signal<Contents.IManager, Contents.IChangedArgs>({} as never) };
  const tracker = { widgetAdded: new Signal<INotebookTracker, NotebookPanel>({} as never) };
  const told: string[] = [];
  followRenames(files, tracker, (path, to) => told.push(`${path} → ${to}`));
  const open = (path: string) => {
    const context = { path, pathChanged: new Signal<object, string>({}) };
    tracker.widgetAdded.emit({ context } as unknown as NotebookPanel);
    return (to: string) => context.pathChanged.emit(to);
  };
  const rename = (path: string, to: string, type = 'notebook', kind = 'rename') =>
    files.fileChanged.emit({
      type: kind,
      oldValue: { path },
      newValue: { path: to, type }
    } as Contents.IChangedArgs);
  return { told, open, rename };
}

describe('a rename', () => {
  it('of a notebook that is closed, and of a folder, is told', () => {
    const { told, rename } = page();
    rename('a.ipynb', 'b.ipynb');
    rename('work', 'play', 'directory');
    rename('a.csv', 'b.csv', 'file');
    rename('b.ipynb', 'b.ipynb', 'notebook', 'save');

    expect(told).toEqual(['a.ipynb → b.ipynb', 'work → play']);
  });

  it('of a notebook that is open is told once, whoever says it', async () => {
    const { told, open, rename } = page();
    const change = open('work/a.ipynb');
    rename('work/a.ipynb', 'work/b.ipynb');
    change('work/b.ipynb');
    await Promise.resolve();
    rename('work', 'play', 'directory');
    change('play/b.ipynb');
    await Promise.resolve();
    change('play/c.ipynb');

    expect(told).toEqual([
      'work/a.ipynb → work/b.ipynb',
      'work → play',
      'play/b.ipynb → play/c.ipynb'
    ]);
  });

  it('that is taken back is told as well', async () => {
    const { told, rename } = page();
    rename('a.ipynb', 'b.ipynb');
    await Promise.resolve();
    rename('b.ipynb', 'a.ipynb');
    await Promise.resolve();
    rename('a.ipynb', 'b.ipynb');

    expect(told).toHaveLength(3);
  });
});

describe('what goes along', () => {
  it('is the notebook itself, and what is below a folder', () => {
    expect(movedAlong('a.ipynb', 'a.ipynb', 'b.ipynb')).toBe('b.ipynb');
    expect(movedAlong('work/x/a.ipynb', 'work', 'play')).toBe('play/x/a.ipynb');
    expect(movedAlong('workshop/a.ipynb', 'work', 'play')).toBe('workshop/a.ipynb');
    expect(movedAlong('', '', '')).toBe('');
  });
});
