import type { JupyterFrontEnd } from '@jupyterlab/application';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { languageOf } from '../document/notebook';
import type { Quiet } from '../quiet';
import type { Settings } from '../settings';
import type { Preferences } from './preferences';
import { reasonAt } from './reason';
import type { Snooze } from './snooze';
import { isOffIn } from './spot';

/** Keeps it said why no suggestions come where the user is. */
export function followReason(options: {
  app: JupyterFrontEnd;
  settings: Settings;
  preferences: Preferences;
  snooze: Snooze;
  quiet: Quiet;
  trans: TranslationBundle;
}): void {
  const { app, settings, preferences, snooze, quiet, trans } = options;
  const { shell } = app;
  let followed: NotebookPanel | null = null;
  const look = () => {
    const place = followed && { isOff: isOffIn(followed), language: languageOf(followed) };
    quiet.set(reasonAt(place, { settings, preferences, snooze }, trans));
  };
  const follow = () => {
    if (followed && !followed.isDisposed) {
      followed.content.modelChanged.disconnect(look);
      followed.context.model.metadataChanged.disconnect(look);
    }
    followed = shell.currentWidget instanceof NotebookPanel ? shell.currentWidget : null;
    followed?.content.modelChanged.connect(look);
    followed?.context.model.metadataChanged.connect(look);
    look();
  };
  shell.currentChanged?.connect(follow);
  for (const { changed } of [settings, preferences, snooze]) {
    changed.connect(look);
  }
  void app.restored.then(follow);
}
