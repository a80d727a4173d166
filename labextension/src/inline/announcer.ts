import type { InlineCompleter } from '@jupyterlab/completer';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Answer } from './answer';
import type { Preferences } from './preferences';
import type { StarcoderProvider } from './provider';
import type { Tally } from './tally';

/** Says to screen readers what is suggested: the grey text itself is hidden from them. */
export class Announcer {
  constructor(options: {
    provider: Pick<StarcoderProvider, 'answerOf'>;
    preferences: Pick<Preferences, 'current'>;
    tally: Pick<Tally, 'saw'>;
    trans: TranslationBundle;
  }) {
    this._provider = options.provider;
    this._preferences = options.preferences;
    this._tally = options.tally;
    this._trans = options.trans;
    this.node.className = 'jp-Starcoder-announcement';
    this.node.setAttribute('role', 'status');
    this.node.setAttribute('aria-live', 'polite');
  }

  readonly node = document.createElement('div');

  /** Says from now on what a completer shows. */
  follow(completer: InlineCompleter): void {
    const look = () => void this._look(completer);
    completer.model?.suggestionsChanged.connect((_, { event }) => {
      if (event === 'clear') {
        this.say('');
      } else {
        look();
      }
    });
    const cycle = completer.cycle.bind(completer);
    completer.cycle = direction => {
      cycle(direction);
      look();
    };
  }

  /** Says a text; one that was said just before is said again. */
  say(text: string): void {
    this.node.textContent = '';
    this.node.textContent = text;
  }

  /** All of a suggestion, read aloud. */
  read(completer: InlineCompleter): void {
    this.say(completer.current?.insertText ?? '');
  }

  private async _look(completer: InlineCompleter): Promise<void> {
    const answer = this._provider.answerOf(completer.current);
    if (!answer) {
      return;
    }
    this._tally.saw(answer);
    while (!answer.isWhole) {
      await answer.changed;
    }
    // The widget takes the last piece in a moment later.
    setTimeout(() => this._announce(completer, answer));
  }

  private _announce({ current }: InlineCompleter, answer: Answer): void {
    const isStill = this._provider.answerOf(current) === answer;
    if (!isStill || answer === this._said || !this._preferences.current.announce) {
      return;
    }
    this._said = answer;
    const lines = current?.insertText.trim().split('\n') ?? [];
    if (lines.length > 1) {
      this.say(this._trans.__('Suggestion of %1 lines: %2', lines.length, lines[0]));
    } else if (lines[0]) {
      this.say(this._trans.__('Suggestion: %1', lines[0]));
    }
  }

  private _said: Answer | null = null;
  private readonly _provider: Pick<StarcoderProvider, 'answerOf'>;
  private readonly _preferences: Pick<Preferences, 'current'>;
  private readonly _tally: Pick<Tally, 'saw'>;
  private readonly _trans: TranslationBundle;
}
