import type { InlineCompleter } from '@jupyterlab/completer';

import type { StarcoderProvider } from './provider';
import type { Tally } from './tally';

/** Counts what a completer puts into a text whole. */
export function countAccepted(
  completer: InlineCompleter,
  provider: Pick<StarcoderProvider, 'answerOf'>,
  tally: Pick<Tally, 'ended'>
): void {
  const accept = completer.accept.bind(completer);
  completer.accept = () => {
    const answer = provider.answerOf(completer.current);
    accept();
    if (answer) {
      tally.ended(answer, 'accepted');
    }
  };
}
