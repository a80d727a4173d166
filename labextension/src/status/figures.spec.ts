import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { LogEntry } from '../server/activity';
import type { Timings } from '../wire';
import { columnTitles, columnsOf, speedText } from './figures';

const trans = nullTranslator.load('jupyter_starcoder');
const TIMINGS: Timings = {
  context_ms: 3,
  late_sources: 0,
  queue_ms: 40,
  prompt_tokens: 200,
  reused_tokens: 150,
  first_token_ms: 90,
  new_tokens: 12,
  tokens_per_s: 41.4
};
const ENTRY: LogEntry = {
  kind: 'complete',
  startedAt: new Date(2026, 0, 2, 3, 4, 5),
  tookMs: 1234,
  outcome: 'answered',
  timings: TIMINGS
};

describe('speedText', () => {
  it('says how fast the answer came and how much was known before', () => {
    expect(speedText(TIMINGS, trans)).toBe('41 tokens/s · 75 % reused');
    expect(speedText({ ...TIMINGS, tokens_per_s: 4.26 }, trans)).toBe('4.3 tokens/s · 75 % reused');
  });

  it('leaves out what was not measured', () => {
    expect(speedText(null, trans)).toBe('');
    expect(speedText({ ...TIMINGS, tokens_per_s: 0 }, trans)).toBe('75 % reused');
    expect(speedText({ ...TIMINGS, prompt_tokens: 0, reused_tokens: 0 }, trans)).toBe(
      '41 tokens/s'
    );
  });
});

describe('columnsOf', () => {
  it('tells a request in counts and times', () => {
    expect(columnsOf(ENTRY, trans).slice(1)).toEqual([
      'Completion',
      'answered',
      '1.23 s',
      '0.04 s',
      '200 (75 %)',
      '12',
      '41'
    ]);
    expect(columnsOf(ENTRY, trans)).toHaveLength(columnTitles(trans).length);
  });

  it('takes no more room for long times', () => {
    const slow = { ...ENTRY, tookMs: 123_456, timings: { ...TIMINGS, queue_ms: 12_345 } };

    expect(columnsOf(slow, trans).slice(3, 5)).toEqual(['123 s', '12.3 s']);
  });

  it('leaves open what the server did not count', () => {
    const failed: LogEntry = { ...ENTRY, kind: 'chat', outcome: 'failed', timings: null };

    expect(columnsOf(failed, trans).slice(1)).toEqual(['Chat', 'failed', '1.23 s', '', '', '', '']);
  });
});
