import type { Spot } from './spot';

/** One time that JupyterLab asked for suggestions at a place with code. */
export interface Asked {
  readonly spot: Spot;
  /** Whether a person asked, rather than a key that was typed. */
  readonly isInvoked: boolean;
  /** Whether nothing was asked, and nothing dismissed, since: else its answer comes too late. */
  isLatest(): boolean;
}
