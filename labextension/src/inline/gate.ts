import type { Asked } from './asked';
import type { Asker } from './asker';
import type { Preferences } from './preferences';
import { isInWord } from './remainder';
import type { Settings } from '../settings';
import type { Snooze } from './snooze';
import type { Spot } from './spot';

/** Says when code may be suggested, and when the model may be asked for it. */
export class Gate {
  constructor(options: {
    settings: Settings;
    preferences: Pick<Preferences, 'current'>;
    snooze: Pick<Snooze, 'isOn'>;
    asker: Pick<Asker, 'rest'>;
  }) {
    this._settings = options.settings;
    this._preferences = options.preferences;
    this._snooze = options.snooze;
    this._asker = options.asker;
  }

  /** Whether anything is suggested anywhere. */
  get isOpen(): boolean {
    return this._settings.current.enabled && !this._settings.isOff('complete');
  }

  /** Whether something may be suggested at a spot; a person who asks for it may have it in more cases. */
  isOpenAt(spot: Spot, isInvoked: boolean): boolean {
    const isOff = spot.isOff || this._preferences.current.languagesOff.includes(spot.page.language);
    return !isOff && (isInvoked || this._isOpenToKeys(spot));
  }

  /** Whether the model may be asked; after a key only once the typing rests, and if all is as it was by then. */
  async letsAsk({ spot, isInvoked, isLatest }: Asked): Promise<boolean> {
    if (isInvoked) {
      return true;
    }
    const isManual = this._settings.current.trigger === 'manual';
    if (isManual || isInWord(spot) || !(await this._asker.rest()) || !isLatest()) {
      return false;
    }
    const here = spot.now();
    return this._isOpenToKeys(spot) && here?.prefix === spot.prefix && here.suffix === spot.suffix;
  }

  private _isOpenToKeys(spot: Spot): boolean {
    return spot.isQuiet() && !this._snooze.isOn;
  }

  private readonly _settings: Settings;
  private readonly _preferences: Pick<Preferences, 'current'>;
  private readonly _snooze: Pick<Snooze, 'isOn'>;
  private readonly _asker: Pick<Asker, 'rest'>;
}
