import type { InlineCompleter } from '@jupyterlab/completer';

import type { StarcoderProvider } from './provider';

/** Has one more candidate made where somebody looks for the one behind the last. */
export function chooseAmongMore(
  completer: InlineCompleter,
  { provider, invoke }: { provider: StarcoderProvider; invoke: () => void }
): void {
  const cycle = completer.cycle.bind(completer);
  completer.cycle = direction => {
    const { current, model } = completer;
    const items = model?.completions?.items ?? [];
    const answer = provider.answerOf(current);
    const isLast = current === items[items.length - 1];
    if (!model || !answer || !isLast || direction === 'previous' || !provider.canAddTo(answer)) {
      cycle(direction);
      return;
    }
    const go = (_: unknown, { event }: { event: string }) => {
      model.suggestionsChanged.disconnect(go);
      // What is suggested somewhere else may come first: there nobody has chosen yet.
      const isHere = model.completions?.items.some(item => provider.answerOf(item) === answer);
      if (event === 'set' && isHere) {
        cycle(direction);
      }
    };
    model.suggestionsChanged.connect(go);
    provider.askFor('another', invoke);
  };
}
