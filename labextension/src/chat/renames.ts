import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

/** What can hold notebooks; a file that is opened as one is heard of while it is open. */
const FOLLOWED: readonly unknown[] = ['notebook', 'directory'];

/** Tells when a notebook gets another name or another folder, be it open or not, and when a folder does. */
export function followRenames(
  contents: Pick<Contents.IManager, 'fileChanged'>,
  tracker: Pick<INotebookTracker, 'widgetAdded'>,
  renamed: (path: string, to: string) => void
): void {
  let told = { path: '', to: '' };
  const tell = (path: string, to: string) => {
    // An open notebook has heard of the same change, and says it within the same turn.
    if (movedAlong(path, told.path, told.to) !== to) {
      told = { path, to };
      queueMicrotask(() => (told = { path: '', to: '' }));
      renamed(path, to);
    }
  };
  contents.fileChanged.connect((_, { type, oldValue, newValue }) => {
    if (type === 'rename' && oldValue?.path && newValue?.path && FOLLOWED.includes(newValue.type)) {
      tell(oldValue.path, newValue.path);
    }
  });
  tracker.widgetAdded.connect((_, { context }) => {
    let { path } = context;
    context.pathChanged.connect((_, to) => {
      tell(path, to);
      path = to;
    });
  });
}

/** Where a notebook is once what was at `from`, itself or a folder that it is in, is at `to`. */
export function movedAlong(path: string, from: string, to: string): string {
  const isIt = path === from || (from !== '' && path.startsWith(`${from}/`));
  return isIt ? to + path.slice(from.length) : path;
}
