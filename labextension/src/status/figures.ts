import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogEntry } from '../server/activity';
import type { Timings } from '../wire';

/** How fast an answer came, and how much of its prompt was known from before; empty where there is nothing to say. */
export function speedText(timings: Timings | null, trans: TranslationBundle): string {
  if (!timings) {
    return '';
  }
  const { tokens_per_s } = timings;
  return [
    tokens_per_s ? trans.__('%1 tokens/s', rounded(tokens_per_s)) : '',
    timings.prompt_tokens ? trans.__('%1 % reused', reusedPercent(timings)) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What a request was for. */
export function kindText(kind: string, trans: TranslationBundle): string {
  switch (kind) {
    case 'complete':
      return trans.__('Completion');
    case 'explain':
      return trans.__('Explanation');
    case 'edit':
      return trans.__('Edit');
    case 'fix':
      return trans.__('Fix');
    case 'generate':
      return trans.__('New cell');
    case 'chat':
      return trans.__('Chat');
    default:
      return kind;
  }
}

/** A line of the log, by its columns. */
export function columnsOf(entry: LogEntry, trans: TranslationBundle): readonly string[] {
  const { kind, startedAt, tookMs, timings } = entry;
  return [
    startedAt.toLocaleTimeString(),
    kindText(kind, trans),
    outcomeText(entry, trans),
    seconds(tookMs, trans),
    timings ? seconds(timings.queue_ms, trans) : '',
    timings ? trans.__('%1 (%2 %)', timings.prompt_tokens, reusedPercent(timings)) : '',
    timings ? String(timings.new_tokens) : '',
    timings?.tokens_per_s ? rounded(timings.tokens_per_s) : ''
  ];
}

/** What the columns are. */
export function columnTitles(trans: TranslationBundle): readonly string[] {
  return [
    trans.__('Time'),
    trans.__('What'),
    trans.__('Result'),
    trans.__('Took'),
    trans.__('Waited'),
    trans.__('Prompt tokens (reused)'),
    trans.__('New tokens'),
    trans.__('Tokens/s')
  ];
}

function outcomeText({ outcome }: LogEntry, trans: TranslationBundle): string {
  switch (outcome) {
    case 'answered':
      return trans.__('answered');
    case 'stopped':
      return trans.__('stopped');
    case 'failed':
      return trans.__('failed');
  }
}

function reusedPercent({ prompt_tokens, reused_tokens }: Timings): number {
  return prompt_tokens ? Math.round((100 * reused_tokens) / prompt_tokens) : 0;
}

/** As many digits as count, so that long times take no more room than short ones. */
function seconds(ms: number, trans: TranslationBundle): string {
  const digits = ms < 10_000 ? 2 : ms < 100_000 ? 1 : 0;
  return trans.__('%1 s', (ms / 1000).toFixed(digits));
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}
