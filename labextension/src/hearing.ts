import type { Api } from './server/api';
import type { Settings } from './settings';
import type { Health } from './status/health';

/** What is needed to hear the administrator. */
interface Ears {
  readonly api: Pick<Api, 'settings'>;
  readonly settings: Pick<Settings, 'heed'>;
  readonly health: Pick<Health, 'changed' | 'current'>;
}

/**
 * Heeds what the administrator says; where the server does not tell, it is asked again whenever it is heard of.
 *
 * @param then - goes on with what holds: after the first question, whether or not it was answered, and again where an
 * answer comes later.
 */
export async function hearAdministrator(
  { api, settings, health }: Ears,
  then: () => void
): Promise<void> {
  const ask = async () => settings.heed(await api.settings());
  let isAsking = false;
  const again = () => {
    if (isAsking || !health.current.health) {
      return;
    }
    isAsking = true;
    ask().then(
      () => {
        health.changed.disconnect(again);
        then();
      },
      // Of a server that goes on without a word the first time was told.
      () => (isAsking = false)
    );
  };
  try {
    await ask();
  } catch (reason) {
    console.warn('jupyter-starcoder: the server does not say yet what is locked.', reason);
    health.changed.connect(again);
  }
  then();
}
