import type { TranslationBundle } from '@jupyterlab/translation';

import type { HealthReply, Progress } from '../wire';

/** How things stand, for colours and tests. */
export type Mood = 'unknown' | 'loading' | 'ready' | 'busy' | 'problem';

/** What the status says. */
export interface Summary {
  readonly mood: Mood;
  /** A few words. */
  readonly text: string;
  /** The whole story: what to do, where something is to be done. */
  readonly detail: string;
}

/** What is known of the server. */
export interface Knowledge {
  /** Its last reply; null before the first, and while it does not answer. */
  readonly health: HealthReply | null;
  /** Why it does not answer; empty before it was asked. */
  readonly silence: string;
  /** Whether this page waits for an answer of the model. */
  readonly isBusy: boolean;
}

/** What to say of it. */
export function summarise(
  { health, silence, isBusy }: Knowledge,
  trans: TranslationBundle
): Summary {
  const name = trans.__('StarCoder');
  if (!health) {
    return silence
      ? { mood: 'problem', text: trans.__('%1: no answer', name), detail: silence }
      : { mood: 'unknown', text: name, detail: trans.__('Asking the server…') };
  }
  const model = health.model || name;
  const facts = [model, health.device].filter(Boolean).join(' · ');
  switch (health.state) {
    case 'absent':
      return { mood: 'problem', text: trans.__('%1: no model', name), detail: health.message };
    case 'failed':
      return { mood: 'problem', text: trans.__('%1: failed', model), detail: health.message };
    case 'preparing':
    case 'loading': {
      const how = progressText(health.progress ?? null) || trans.__('loading');
      return {
        mood: 'loading',
        text: `${model}: ${how}`,
        detail: health.message || `${model}: ${how}`
      };
    }
    case 'ready': {
      const busy = isBusy || health.is_busy;
      return {
        mood: busy ? 'busy' : 'ready',
        text: `${facts} · ${busy ? busyText(health.waiting, trans) : trans.__('ready')}`,
        detail: trans.__(
          '%1 answers on this machine (jupyter-starcoder %2).',
          model,
          health.version
        )
      };
    }
  }
}

function busyText(waiting: number, trans: TranslationBundle): string {
  return waiting ? trans._n('busy, %1 waits', 'busy, %1 wait', waiting, waiting) : trans.__('busy');
}

/** The step of a preparation, with its share where that is known. */
export function progressText(progress: Progress | null): string {
  if (!progress) {
    return '';
  }
  const percent = progress.total > 0 ? Math.floor((100 * progress.done) / progress.total) : null;
  return percent === null ? progress.step : `${progress.step} ${Math.min(percent, 100)} %`;
}
