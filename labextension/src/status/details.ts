import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { Quiet } from '../quiet';
import type { Activity } from '../server/activity';
import type { Settings } from '../settings';
import { columnTitles, columnsOf, kindText, speedText } from './figures';
import type { Health } from './health';
import { summarise } from './summary';

/** How the model stands, and the last requests of this page in counts and times; both as they change. */
export class Details extends Widget {
  constructor(options: {
    health: Pick<Health, 'changed' | 'current'>;
    activity: Pick<Activity, 'changed' | 'last' | 'log'>;
    settings: Pick<Settings, 'changed' | 'word'>;
    quiet: Pick<Quiet, 'changed' | 'reason'>;
    trans: TranslationBundle;
  }) {
    super();
    const { health, activity, settings, quiet, trans } = options;
    this._health = health;
    this._activity = activity;
    this._settings = settings;
    this._quiet = quiet;
    this._trans = trans;
    this.addClass('jp-Starcoder-details');
    this._story.setAttribute('role', 'status');
    const title = trans.__('Last requests of this page');
    const heading = document.createElement('h3');
    heading.textContent = title;
    this._log.className = 'jp-Starcoder-detailsLog';
    // It scrolls: the arrow keys must get there.
    this._log.tabIndex = 0;
    this._log.setAttribute('role', 'region');
    this._log.setAttribute('aria-label', title);
    const note = document.createElement('p');
    note.className = 'jp-Starcoder-detailsNote';
    note.textContent = trans.__(
      'Counts and times only, forgotten when the page is closed: nothing that was typed or answered is kept here.'
    );
    this.node.append(this._story, this._facts, heading, this._log, note);
    health.changed.connect(this._showHealth, this);
    activity.changed.connect(this._show, this);
    settings.changed.connect(this._showHealth, this);
    quiet.changed.connect(this._showHealth, this);
    this._show();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private _show(): void {
    this._showHealth();
    const { log } = this._activity;
    const empty = document.createElement('p');
    empty.textContent = this._trans.__('Nothing was asked yet.');
    const lines = log.map(entry => columnsOf(entry, this._trans));
    this._log.replaceChildren(
      log.length
        ? table(
            columnTitles(this._trans),
            lines,
            log.map(entry => entry.outcome)
          )
        : empty
    );
  }

  private _showHealth(): void {
    const trans = this._trans;
    const { current } = this._health;
    const { mood, text, detail } = summarise(current, trans);
    this.node.dataset['mood'] = mood;
    const state = document.createElement('strong');
    state.textContent = text;
    const story = document.createElement('span');
    story.textContent = detail === text ? '' : detail;
    if (this._story.textContent !== `${text}${story.textContent}`) {
      // A screen reader reads what is put here, so the same is not put twice.
      this._story.replaceChildren(state, story);
    }
    const { health } = current;
    const waiting = health?.waiting ?? 0;
    const facts: [string, string][] = [
      [trans.__('Model'), health?.model ?? ''],
      [trans.__('Device'), health?.device ?? ''],
      [trans.__('Queue'), health ? queueText(waiting, trans) : ''],
      [trans.__('Last answer'), speedText(this._activity.last, trans)],
      [trans.__('Suggestions'), this._quiet.reason?.whole ?? ''],
      [trans.__('Switched off'), this._switchedOff()]
    ];
    this._facts.replaceChildren(
      ...facts
        .filter(([, value]) => value)
        .flatMap(([name, value]) => [cell('dt', name), cell('dd', value)])
    );
  }

  /** What the administrator lets nobody use, and why. */
  private _switchedOff(): string {
    const { disabled, reason } = this._settings.word;
    const names = disabled.map(feature => kindText(feature, this._trans)).join(', ');
    return names && reason ? `${names} (${reason})` : names;
  }

  private readonly _health: Pick<Health, 'changed' | 'current'>;
  private readonly _activity: Pick<Activity, 'changed' | 'last' | 'log'>;
  private readonly _settings: Pick<Settings, 'changed' | 'word'>;
  private readonly _quiet: Pick<Quiet, 'changed' | 'reason'>;
  private readonly _trans: TranslationBundle;
  private readonly _story = document.createElement('p');
  private readonly _facts = document.createElement('dl');
  private readonly _log = document.createElement('div');
}

function queueText(waiting: number, trans: TranslationBundle): string {
  return waiting
    ? trans._n('%1 request waits', '%1 requests wait', waiting, waiting)
    : trans.__('empty');
}

function table(
  titles: readonly string[],
  lines: readonly (readonly string[])[],
  outcomes: readonly string[]
): HTMLTableElement {
  const element = document.createElement('table');
  const head = element.createTHead().insertRow();
  head.append(
    ...titles.map(title => {
      const heading = cell('th', title);
      heading.scope = 'col';
      return heading;
    })
  );
  const body = element.createTBody();
  lines.forEach((line, index) => {
    const row = body.insertRow();
    row.dataset['outcome'] = outcomes[index];
    row.append(...line.map(value => cell('td', value)));
  });
  return element;
}

function cell<Tag extends 'dd' | 'dt' | 'td' | 'th'>(
  tag: Tag,
  text: string
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
