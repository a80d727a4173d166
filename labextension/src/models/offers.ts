import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import { FirstRunCard } from './card';
import type { FirstRun } from './firstRun';

const KEY = 'offerModel';

/** Whether a person wants to be offered a model; a wish that is kept with the settings. */
export class Wish {
  constructor(private readonly _settings: ISettingRegistry.ISettings | null) {}

  get isGranted(): boolean {
    return !this._isDismissed && this._settings?.composite[KEY] !== false;
  }

  /** Never again, or only not on this page where settings cannot be kept. */
  dismiss(): void {
    this._isDismissed = true;
    this._settings?.set(KEY, false).catch(reason => {
      console.warn('jupyter-starcoder: the dismissal could not be kept.', reason);
    });
  }

  /** Calls back when the wish may be another one. */
  follow(heed: () => void): void {
    this._settings?.changed.connect(() => {
      // Changed by hand in the settings editor, it counts again.
      this._isDismissed = false;
      heed();
    });
  }

  private _isDismissed = false;
}

/** Keeps a card over every notebook for as long as the first model is missing and the person wants to hear of it. */
export function offerInNotebooks(options: {
  tracker: INotebookTracker;
  firstRun: FirstRun;
  wish: Wish;
  card: (dismiss: () => void) => FirstRunCard;
}): void {
  const { tracker, firstRun, wish, card } = options;
  const look = (panel: NotebookPanel) => {
    const shown = panel.contentHeader.widgets.find(widget => widget instanceof FirstRunCard);
    const isWanted = firstRun.stage !== 'none' && wish.isGranted;
    if (isWanted && !shown) {
      panel.contentHeader.insertWidget(
        0,
        card(() => {
          // Good news that was read is no wish never to hear of a missing model again.
          if (firstRun.stage === 'done') {
            firstRun.finish();
          } else {
            wish.dismiss();
            lookAtAll();
          }
          panel.content.node.focus();
        })
      );
    } else if (!isWanted && shown) {
      shown.dispose();
    }
  };
  const lookAtAll = () => tracker.forEach(look);
  tracker.widgetAdded.connect((_, panel) => look(panel));
  firstRun.changed.connect(lookAtAll);
  wish.follow(lookAtAll);
  lookAtAll();
}
