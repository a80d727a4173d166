import type { IDisposable } from '@lumino/disposable';
import { Widget } from '@lumino/widgets';

import type { Stock } from './stock';

/** A widget for which the server is asked about its models while it is seen, and only then. */
export class Onlooker extends Widget {
  constructor(protected readonly _stock: Stock) {
    super();
  }

  dispose(): void {
    this._look(false);
    super.dispose();
  }

  protected onAfterAttach(): void {
    this._look(this.isVisible);
  }

  protected onAfterShow(): void {
    this._look(this.isVisible);
  }

  protected onBeforeHide(): void {
    this._look(false);
  }

  protected onBeforeDetach(): void {
    this._look(false);
  }

  private _look(isSeen: boolean): void {
    if (isSeen === (this._watch !== null)) {
      return;
    }
    this._watch?.dispose();
    this._watch = isSeen ? this._stock.watch() : null;
  }

  private _watch: IDisposable | null = null;
}
