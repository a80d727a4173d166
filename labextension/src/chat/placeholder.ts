import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { button } from '../writing/controls';

/** What stands where nothing was said yet: what can be asked, that something is awaited, or why it cannot be shown. */
export class Placeholder extends Widget {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('jp-Starcoder-placeholder');
  }

  /** @param problem - why no model answers, and what to do; empty where one does. */
  welcome(invitation: readonly string[], problem: string): void {
    this._say('welcome', invitation);
    if (problem) {
      const node = paragraph(problem);
      node.className = 'jp-Starcoder-error';
      this.node.append(node);
    }
  }

  wait(): void {
    this._say('waiting', [this._trans.__('Loading the conversations…')]);
  }

  fail(why: string, again: () => void): void {
    this._say('failed', []);
    const node = paragraph(why);
    node.className = 'jp-Starcoder-error';
    node.setAttribute('role', 'alert');
    this.node.append(node, button(this._trans.__('Try again'), again));
  }

  private _say(state: string, lines: readonly string[]): void {
    this.node.dataset.state = state;
    this.node.replaceChildren(...lines.map(paragraph));
  }
}

function paragraph(text: string): HTMLElement {
  const node = document.createElement('p');
  node.textContent = text;
  return node;
}
