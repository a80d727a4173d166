import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** What a user can set about suggestions; `schema/inline.json` says what each means. */
export interface Wishes {
  readonly adaptivePause: boolean;
  readonly askAhead: boolean;
  readonly announce: boolean;
  readonly languagesOff: readonly string[];
}

/** What holds where the settings cannot be read; the same as in `schema/inline.json`. */
export const WISHES: Wishes = {
  adaptivePause: true,
  askAhead: true,
  announce: true,
  languagesOff: []
};

/** The user's wishes about suggestions as they stand now. */
export class Preferences {
  get current(): Wishes {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Follows a plugin's settings from now on. */
  follow(loaded: ISettingRegistry.ISettings): void {
    const read = () => {
      this._current = { ...WISHES, ...(loaded.composite as Partial<Wishes>) };
      this._changed.emit();
    };
    this._loaded = loaded;
    loaded.changed.connect(read);
    read();
  }

  /** Switches suggestions in a language off, or on again. */
  async toggleLanguage(language: string): Promise<void> {
    const { languagesOff } = this._current;
    const others = languagesOff.filter(name => name !== language);
    const isOff = others.length < languagesOff.length;
    await this._loaded?.set('languagesOff', isOff ? others : [...others, language]);
  }

  private _current = WISHES;
  private _loaded: ISettingRegistry.ISettings | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
