import type { TranslationBundle } from '@jupyterlab/translation';

import type { ModelEntry } from '../wire';
import { say } from './say';
import { progressWords } from './words';

/** How far a model is, as a bar and in words. */
export class ProgressBar {
  constructor(options: { label: string; trans: TranslationBundle }) {
    this._trans = options.trans;
    this.node.className = 'jp-Starcoder-progress';
    this._words.className = 'jp-Starcoder-progressWords';
    this._bar.className = 'jp-Starcoder-progressBar';
    this._bar.setAttribute('role', 'progressbar');
    this._bar.setAttribute('aria-label', options.label);
    this._bar.setAttribute('aria-valuemin', '0');
    this._bar.setAttribute('aria-valuemax', '100');
    this._bar.append(this._done);
    this.node.append(this._bar, this._words);
    this.node.hidden = true;
  }

  /** Shows how far a model is; nothing where there is nothing to tell. */
  show(
    way: (Pick<ModelEntry, 'progress'> & Partial<Pick<ModelEntry, 'bytes_per_s' | 'left_s'>>) | null
  ): void {
    const progress = way?.progress ?? null;
    this.node.hidden = !progress;
    if (!way || !progress) {
      return;
    }
    const words = progressWords(way, this._trans);
    say(this._words, words);
    this._bar.setAttribute('aria-valuetext', words);
    if (progress.total > 0) {
      const percent = Math.min(100, Math.floor((100 * progress.done) / progress.total));
      this._bar.setAttribute('aria-valuenow', String(percent));
      this._done.style.width = `${percent}%`;
    } else {
      // How far it is cannot be told, only that it goes on.
      this._bar.removeAttribute('aria-valuenow');
      this._done.style.width = '100%';
    }
    this._bar.classList.toggle('jp-mod-unknown', progress.total <= 0);
  }

  readonly node = document.createElement('div');
  private readonly _trans: TranslationBundle;
  private readonly _bar = document.createElement('div');
  private readonly _done = document.createElement('div');
  private readonly _words = document.createElement('span');
}
