import type { TranslationBundle } from '@jupyterlab/translation';
import type { IFormRenderer } from '@jupyterlab/ui-components';
import { createElement } from 'react';

import { button } from '../writing/controls';
import type { Tally } from './tally';

/** Shows among the settings what became of suggestions. */
export function tallyRenderer(tally: Tally, trans: TranslationBundle): IFormRenderer {
  const page = new TallyPage(tally, trans);
  const take = (host: HTMLElement | null) => host?.replaceChildren(page.node);
  return { fieldRenderer: () => createElement('div', { ref: take }) };
}

class TallyPage {
  constructor(tally: Tally, trans: TranslationBundle) {
    const title = document.createElement('h3');
    title.textContent = trans.__('What became of suggestions');
    const note = document.createElement('p');
    note.textContent = trans.__('Counted in this browser. Nothing of it is sent anywhere.');
    const table = document.createElement('table');
    const clear = button(trans.__('Count from nought'), () => tally.clear());
    this.node.className = 'jp-Starcoder-tally';
    this.node.append(title, note, table, clear);
    const show = () => table.replaceChildren(...rowsOf(tally, trans));
    tally.changed.connect(show);
    show();
  }

  readonly node = document.createElement('section');
}

function rowsOf({ counts }: Tally, trans: TranslationBundle): HTMLElement[] {
  const { shown, accepted, partly, dismissed } = counts;
  const numbers: [string, number][] = [
    [trans.__('Shown'), shown],
    [trans.__('Accepted'), accepted],
    [trans.__('Accepted in part'), partly],
    [trans.__('Dismissed'), dismissed],
    [trans.__('Typed past'), Math.max(0, shown - accepted - partly - dismissed)]
  ];
  return numbers.map(([label, count]) => {
    const row = document.createElement('tr');
    const name = document.createElement('th');
    name.scope = 'row';
    name.textContent = label;
    const share = shown ? ` (${Math.round((100 * count) / shown)} %)` : '';
    const cell = document.createElement('td');
    cell.textContent = count + (count === shown ? '' : share);
    row.append(name, cell);
    return row;
  });
}
