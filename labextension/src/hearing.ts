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
 * Heeds what the administrator says: now, and each time that the server is back after a silence, which may have new rules.
 *
 * @param then - goes on with what holds: after the first question, whether or not it was answered, and after each later
 * answer.
 */
export async function hearAdministrator(
  { api, settings, health }: Ears,
  then: () => void
): Promise<void> {
  let isHeard = false;
  let isAsking = false;
  const ask = async () => {
    isAsking = true;
    try {
      settings.heed(await api.settings());
      isHeard = true;
    } finally {
      isAsking = false;
    }
  };
  health.changed.connect(() => {
    const { health: reply, silence } = health.current;
    if (silence) {
      isHeard = false;
    } else if (reply && !isHeard && !isAsking) {
      // Of a server that goes on without a word the first time was told.
      ask().then(then, () => undefined);
    }
  });
  try {
    await ask();
  } catch (reason) {
    console.warn('jupyter-starcoder: the server does not say yet what is locked.', reason);
  }
  then();
}
