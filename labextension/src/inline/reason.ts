import type { TranslationBundle } from '@jupyterlab/translation';

import type { QuietReason } from '../quiet';
import type { Settings } from '../settings';
import type { Preferences } from './preferences';
import type { Snooze } from './snooze';

/** What can silence suggestions. */
export interface Silencers {
  readonly settings: Pick<Settings, 'current'>;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly snooze: Pick<Snooze, 'until'>;
}

/**
 * Why no suggestions come; null where they do.
 *
 * @param place - the notebook in front, if there is one.
 */
export function reasonAt(
  place: { readonly isOff: boolean; readonly language: string } | null,
  { settings, preferences, snooze }: Silencers,
  trans: TranslationBundle
): QuietReason | null {
  if (!settings.current.enabled) {
    return {
      brief: trans.__('no suggestions'),
      whole: trans.__('Suggestions are switched off in the settings of StarCoder.')
    };
  }
  if (place?.isOff) {
    return {
      brief: trans.__('no suggestions here'),
      whole: trans.__(
        'Suggestions are switched off in this notebook: Settings › Code Suggestions switches them on again.'
      )
    };
  }
  if (place && preferences.current.languagesOff.includes(place.language)) {
    return {
      brief: trans.__('no suggestions in %1', place.language),
      whole: trans.__(
        'Suggestions in %1 are switched off: Settings › Code Suggestions switches them on again.',
        place.language
      )
    };
  }
  if (snooze.until) {
    const time = snooze.until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return {
      brief: trans.__('snoozed until %1', time),
      whole: trans.__('Suggestions are snoozed until %1, or until the page is reloaded.', time)
    };
  }
  return null;
}
