import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { starcoderIcon } from '../icon';

export const OPEN_MODELS = 'starcoder:open-models';
export const GET_MODEL = 'starcoder:get-model';
const PANEL_ID = 'jp-starcoder-models';

/**
 * Adds the command that opens the panel of models, of which there is one on a page.
 *
 * @returns what follows the panel.
 */
export function addModelsCommand(options: {
  app: JupyterFrontEnd;
  /** Notebook 7 has no place in the middle besides its notebook: there the panel opens at the side. */
  area: 'main' | 'right';
  palette: ICommandPalette | null;
  restorer: ILayoutRestorer | null;
  makePanel: () => Widget;
  trans: TranslationBundle;
}): WidgetTracker<Widget> {
  const { app, area, palette, restorer, makePanel, trans } = options;
  const tracker = new WidgetTracker<Widget>({ namespace: 'starcoder-models' });
  const label = trans.__('StarCoder models');
  let open: Widget | null = null;

  app.commands.addCommand(OPEN_MODELS, {
    label,
    caption: trans.__('Get, use, test and delete models'),
    icon: starcoderIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      if (!open || open.isDisposed) {
        open = area === 'main' ? mainArea(makePanel()) : makePanel();
        open.id = PANEL_ID;
        open.title.icon = starcoderIcon;
        open.title.caption = label;
        open.title.label = area === 'main' ? label : '';
        open.title.closable = true;
        app.shell.add(open, area);
        await tracker.add(open);
      }
      app.shell.activateById(PANEL_ID);
    }
  });
  palette?.addItem({ command: OPEN_MODELS, category: trans.__('StarCoder') });
  if (restorer && area === 'main') {
    void restorer.restore(tracker, { command: OPEN_MODELS, name: () => 'models' });
  }
  return tracker;
}

/** A tab of its own, without the strip for tools that it has none of. */
function mainArea(content: Widget): MainAreaWidget {
  const widget = new MainAreaWidget({ content });
  widget.toolbar.hide();
  return widget;
}
