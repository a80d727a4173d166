import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** What a user can set; `schema/plugin.json` says what each means. */
export interface Options {
  readonly enabled: boolean;
  readonly model: string;
  readonly maxTokens: number;
  readonly trigger: 'automatic' | 'manual';
  readonly debounceMs: number;
}

/** What holds where the settings cannot be read; the same as in `schema/plugin.json`. */
export const DEFAULTS: Options = {
  enabled: true,
  model: '',
  maxTokens: 64,
  trigger: 'automatic',
  debounceMs: 150
};

/** The user's settings as they stand now. */
export class Settings {
  get current(): Options {
    return this._current;
  }

  /** Emitted with the options that held before. */
  get changed(): ISignal<this, Options> {
    return this._changed;
  }

  /** Follows a plugin's settings from now on. */
  follow(loaded: ISettingRegistry.ISettings): void {
    loaded.changed.connect(() => this._read(loaded));
    this._read(loaded);
  }

  private _read(loaded: ISettingRegistry.ISettings): void {
    const before = this._current;
    // The registry has checked every value against the schema.
    this._current = { ...DEFAULTS, ...(loaded.composite as Partial<Options>) };
    this._changed.emit(before);
  }

  private _current = DEFAULTS;
  private readonly _changed = new Signal<this, Options>(this);
}
