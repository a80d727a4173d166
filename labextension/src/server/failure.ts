import type { TranslationBundle } from '@jupyterlab/translation';

import type { ErrorReply, Progress } from '../wire';

/** A request that did not work, in words that a person can act on. */
export class Failure extends Error {
  /** The error's name on the wire; "unreachable" and "interrupted" are our own. */
  readonly code: string;
  /** Hashes of cells to send in full, with the code "cells_missing". */
  readonly missing: readonly string[];
  readonly progress: Progress | null;

  constructor(reply: Pick<ErrorReply, 'code' | 'message'> & Partial<ErrorReply>) {
    super(reply.message);
    this.name = 'Failure';
    this.code = reply.code;
    this.missing = reply.missing ?? [];
    this.progress = reply.progress ?? null;
  }

  /** Nothing comes from the server. */
  static unreachable(trans: TranslationBundle): Failure {
    const message = trans.__('The Jupyter server does not answer: check that it is still running.');
    return new Failure({ code: 'unreachable', message });
  }

  static of(reason: unknown): Failure {
    if (reason instanceof Failure) {
      return reason;
    }
    return new Failure({
      code: 'error',
      message: reason instanceof Error ? reason.message : String(reason)
    });
  }
}
