import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { ModelEntry, Progress } from '../wire';
import {
  factWords,
  machineWords,
  progressWords,
  roomWords,
  shortageWords,
  size,
  speedWords
} from './words';

const trans = nullTranslator.load('jupyter_starcoder');
const BYTES: Progress = {
  step: 'downloading',
  done: 38_000_000,
  total: 94_000_000,
  unit: 'bytes',
  phase: 'fetching'
};
const TITLE = 'Small 1B';
const SMALL = {
  name: 'small',
  title: TITLE,
  licence: 'apache-2.0',
  precision: 'int8',
  is_prepared: false,
  download_bytes: 94_000_000,
  disk_bytes: 0,
  memory_bytes: 1_460_000_000,
  fit: 'tight',
  room: { needed_bytes: 243_000_000, free_bytes: 243_000_000 }
} as ModelEntry;

describe('sizes', () => {
  it('have two digits that count and the unit that suits them', () => {
    expect([0, 999, 1_000, 92_871_040, 999_700_000, 1_460_000_000, 63e9].map(size)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '93 MB',
      '1 GB',
      '1.5 GB',
      '63 GB'
    ]);
  });
});

describe('progress in words', () => {
  it('says how much came, how fast, and how long it takes', () => {
    const words = progressWords({ progress: BYTES, bytes_per_s: 12e6, left_s: 4.7 }, trans);
    expect(words).toBe('38 of 94 MB · 12 MB/s · 5 s left');
  });

  it('leaves out what is not known', () => {
    expect(progressWords({ progress: null }, trans)).toBe('');
    expect(progressWords({ progress: BYTES, bytes_per_s: 0, left_s: null }, trans)).toBe(
      '38 of 94 MB'
    );
    expect(progressWords({ progress: { ...BYTES, total: 0 } }, trans)).toBe('downloading: 38 MB');
    expect(
      progressWords({ progress: { ...BYTES, total: 0, unit: '', step: 'checking' } }, trans)
    ).toBe('checking');
  });

  it('counts other things than bytes as well, and long times in minutes and hours', () => {
    const layers: Progress = { ...BYTES, step: 'writing', done: 3, total: 30, unit: 'layers' };
    expect(progressWords({ progress: layers, bytes_per_s: 0, left_s: 130 }, trans)).toBe(
      'writing: 3 of 30 layers · 2 min left'
    );
    expect(progressWords({ progress: layers, left_s: 3_900 }, trans)).toContain('1 h 5 min left');
  });
});

describe('facts of a model', () => {
  it('name licence, precision, sizes and whether it fits', () => {
    expect(factWords(SMALL, trans)).toBe(
      'small · apache-2.0 · int8 · 94 MB to download · needs 1.5 GB of memory · fits here once other programs give memory back'
    );
  });

  it('tell what the disk has no room for, beside what the memory has none for', () => {
    const room = { needed_bytes: 75e9, free_bytes: 57e9 };
    expect(factWords({ ...SMALL, fit: 'no_room', room }, trans)).toBe(
      'small · apache-2.0 · int8 · 94 MB to download · needs 1.5 GB of memory · no room on the disk: needs 75 GB, 57 GB free'
    );
    expect(factWords({ ...SMALL, fit: 'too_large', room }, trans)).toContain(
      'too large for this machine · no room on the disk'
    );
  });

  it('tell the size on the disk of one that is here', () => {
    const here: ModelEntry = { ...SMALL, is_prepared: true, disk_bytes: 151e6, fit: 'unknown' };
    expect(factWords(here, trans)).toBe(
      'small · apache-2.0 · int8 · 151 MB on the disk · needs 1.5 GB of memory'
    );
  });
});

describe('what a model is short of', () => {
  it('is told by the numbers, of the machine or of its GPU', () => {
    const large = { memory_bytes: 63e9 };
    expect(shortageWords(large, { kind: 'cpu', memory_bytes: 24e9 }, trans)).toBe(
      'It needs 63 GB of memory to run, and this machine has 24 GB: 39 GB too little.'
    );
    expect(shortageWords(large, { kind: 'cuda', memory_bytes: 62.6e9 }, trans)).toBe(
      'It needs 63 GB of memory to run, and the GPU here has 63 GB: 400 MB too little.'
    );
  });
});

describe('what the disk is short of', () => {
  it('is told by the numbers', () => {
    expect(roomWords({ needed_bytes: 75e9, free_bytes: 57e9 }, trans)).toBe(
      'Getting it needs 75 GB on the disk, and 57 GB are free: 18 GB too little.'
    );
  });
});

describe('machine and speed', () => {
  it('name the device and its memory', () => {
    const machine = { name: 'Chip', cores: 4, memory_bytes: 24e9, free_bytes: 6e9 };
    expect(machineWords({ kind: 'cpu', ...machine }, trans)).toBe(
      'CPU Chip · 4 cores · 24 GB of memory · 6 GB free'
    );
    expect(machineWords({ kind: 'cuda', ...machine, free_bytes: 0 }, trans)).toBe(
      'GPU Chip · 24 GB of memory'
    );
  });

  it('tell tokens a second and the first token', () => {
    const speed = {
      model: 'small',
      device: 'CPU',
      prompt_tokens: 20,
      first_token_ms: 84.6,
      new_tokens: 32,
      tokens_per_s: 41.24
    };
    expect(speedWords(speed, trans)).toBe(
      '41 tokens/s on CPU, the first after 85 ms (32 tokens behind a prompt of 20)'
    );
  });
});
