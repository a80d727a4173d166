import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import { PLUGIN_ID } from '../services';
import type { IStarcoder } from '../services';

/**
 * Has a model answer from now on, also after a restart.
 *
 * The setting is what pages go by when they are opened: left as it was, the next page would bring the old model back.
 */
export async function useModel(
  model: string,
  {
    registry,
    starcoder
  }: {
    registry: Pick<ISettingRegistry, 'set'> | null;
    starcoder: Pick<IStarcoder, 'load' | 'settings'>;
  }
): Promise<void> {
  const { settings } = starcoder;
  // Where the model is locked, the server says what is to be said.
  if (registry && settings.current.model !== model && !settings.isLocked('model')) {
    try {
      // The services load what the setting names.
      await registry.set(PLUGIN_ID, 'model', model);
      return;
    } catch (reason) {
      console.warn('jupyter-starcoder: the choice of the model could not be kept.', reason);
    }
  }
  await starcoder.load(model);
}
