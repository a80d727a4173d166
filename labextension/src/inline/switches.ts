import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PartialJSONObject } from '@lumino/coreutils';

import { languageOf } from '../document/notebook';
import type { Preferences } from './preferences';
import type { Snooze } from './snooze';
import { METADATA, isOffIn } from './spot';

const SNOOZE = 'starcoder:snooze';
const TOGGLE_NOTEBOOK = 'starcoder:toggle-notebook';
const TOGGLE_LANGUAGE = 'starcoder:toggle-language';
const MINUTES = [5, 15, 60, 0];

/** Adds the commands that switch suggestions off: for a while, in a notebook, in a language. */
export function addSwitches(options: {
  app: JupyterFrontEnd;
  palette: ICommandPalette | null;
  preferences: Preferences;
  snooze: Snooze;
  tracker: INotebookTracker | null;
  /** Ends what is suggested by now. */
  dismiss: () => void;
  trans: TranslationBundle;
}): void {
  const { app, palette, preferences, snooze, tracker, dismiss, trans } = options;
  const { commands, shell } = app;
  const notebook = () =>
    shell.currentWidget instanceof NotebookPanel ? shell.currentWidget : null;
  const language = () => {
    const panel = notebook();
    return panel ? languageOf(panel) : '';
  };
  const noArgs = { args: { type: 'object', properties: {} } };

  commands.addCommand(SNOOZE, {
    label: args => snoozeLabel(Number(args.minutes ?? 0), snooze, trans),
    isEnabled: args => Boolean(args.minutes) || snooze.isOn,
    describedBy: {
      args: {
        type: 'object',
        properties: { minutes: { type: 'number', description: trans.__('0 ends it') } }
      }
    },
    execute: args => {
      snooze.start(Number(args.minutes ?? 0));
      dismiss();
    }
  });
  commands.addCommand(TOGGLE_NOTEBOOK, {
    label: trans.__('Suggestions in This Notebook'),
    isEnabled: () => notebook() !== null,
    isToggled: () => isOn(notebook()),
    describedBy: noArgs,
    execute: () => toggleIn(notebook())
  });
  commands.addCommand(TOGGLE_LANGUAGE, {
    label: () => trans.__('Suggestions in %1', language() || trans.__('This Language')),
    isEnabled: () => language() !== '',
    isToggled: () => !preferences.current.languagesOff.includes(language()),
    describedBy: noArgs,
    execute: async () => {
      dismiss();
      await preferences.toggleLanguage(language());
    }
  });
  const notify = () => commands.notifyCommandChanged();
  // Whoever switched it: in a shared notebook that may be somebody else.
  tracker?.widgetAdded.connect((_, panel) => {
    panel.context.model.metadataChanged.connect(() => {
      if (panel === notebook()) {
        commands.notifyCommandChanged(TOGGLE_NOTEBOOK);
        if (isOffIn(panel)) {
          dismiss();
        }
      }
    });
  });
  snooze.changed.connect(notify);
  preferences.changed.connect(notify);
  const category = trans.__('StarCoder');
  MINUTES.forEach(minutes => palette?.addItem({ command: SNOOZE, args: { minutes }, category }));
  [TOGGLE_NOTEBOOK, TOGGLE_LANGUAGE].forEach(command => palette?.addItem({ command, category }));
}

function snoozeLabel(minutes: number, { until }: Snooze, trans: TranslationBundle): string {
  if (minutes) {
    return trans.__('Snooze Suggestions for %1 Minutes', minutes);
  }
  const time = until?.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return time
    ? trans.__('End the Snooze of Suggestions (until %1)', time)
    : trans.__('End the Snooze of Suggestions');
}

function isOn(panel: NotebookPanel | null): boolean {
  return panel !== null && !isOffIn(panel);
}

/** Switches suggestions in a notebook off, or on again; the notebook itself keeps that. */
function toggleIn(panel: NotebookPanel | null): void {
  const shared = panel?.content.model?.sharedModel;
  if (!panel || !shared) {
    return;
  }
  const others: Record<string, unknown> = { ...(shared.getMetadata(METADATA) as object) };
  delete others.suggestions;
  if (isOn(panel)) {
    shared.setMetadata(METADATA, { ...others, suggestions: false } as PartialJSONObject);
  } else if (Object.keys(others).length) {
    shared.setMetadata(METADATA, others as PartialJSONObject);
  } else {
    shared.deleteMetadata(METADATA);
  }
}
