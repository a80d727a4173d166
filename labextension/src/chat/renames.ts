import type { INotebookTracker } from '@jupyterlab/notebook';

/** Tells when a notebook that is open gets another name or another folder. */
export function followRenames(
  tracker: INotebookTracker,
  renamed: (path: string, to: string) => void
): void {
  tracker.widgetAdded.connect((_, { context }) => {
    let { path } = context;
    context.pathChanged.connect((_, to) => {
      renamed(path, to);
      path = to;
    });
  });
}
