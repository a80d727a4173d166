import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Feature, OptionName, Options, SettingsReply } from './wire';

export type { Options } from './wire';

/** What holds where neither the settings nor the administrator can be heard; the same as in `schema/plugin.json`. */
export const DEFAULTS: Readonly<Options> = {
  enabled: true,
  model: '',
  maxTokens: 64,
  trigger: 'automatic',
  debounceMs: 150
};

/** An administrator who leaves everything to the user. */
const SILENT: Readonly<SettingsReply> = {
  options: DEFAULTS,
  locked: [],
  disabled: [],
  reason: ''
};

/** The settings as they stand now: the user's where there are any, but never against what is locked. */
export class Settings {
  get current(): Readonly<Options> {
    return this._current;
  }

  /** Emitted with the options that held before. */
  get changed(): ISignal<this, Readonly<Options>> {
    return this._changed;
  }

  /** What the administrator says. */
  get word(): Readonly<SettingsReply> {
    return this._word;
  }

  isLocked(name: string): boolean {
    return this._word.locked.includes(name as OptionName);
  }

  /** Whether the administrator has switched a feature off. */
  isOff(feature: Feature): boolean {
    return this._word.disabled.includes(feature);
  }

  /** What holds for a user with these settings of his own. */
  over(user: Partial<Options>): Options {
    const { options, locked } = this._word;
    const fixed = Object.fromEntries(locked.map(name => [name, options[name]]));
    return { ...options, ...user, ...fixed };
  }

  /** Heeds what the administrator says from now on. */
  heed(word: SettingsReply): void {
    this._word = word;
    this._read();
  }

  /** Follows the user's settings from now on. */
  follow(loaded: ISettingRegistry.ISettings): void {
    const read = () => {
      // The registry has checked every value against the schema.
      this._user = loaded.composite as Partial<Options>;
      this._read();
    };
    loaded.changed.connect(read);
    read();
  }

  private _read(): void {
    const before = this._current;
    this._current = this.over(this._user);
    this._changed.emit(before);
  }

  private _word: Readonly<SettingsReply> = SILENT;
  private _user: Partial<Options> = {};
  private _current: Readonly<Options> = DEFAULTS;
  private readonly _changed = new Signal<this, Readonly<Options>>(this);
}
