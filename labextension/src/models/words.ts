import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Fit,
  ModelEntry,
  Progress,
  Room,
  SettingsReply,
  SpeedReply,
  WireMachine
} from '../wire';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const STEP = 1_000;

/** A size in the largest unit that leaves at least one before the point, such as "94 MB". */
export function size(bytes: number): string {
  return sizeIn(unitOf(bytes), bytes);
}

/** How far something is, such as "38 of 94 MB · 12 MB/s · 5 s left"; empty where nothing is known. */
export function progressWords(
  {
    progress,
    bytes_per_s,
    left_s
  }: Pick<ModelEntry, 'progress'> & Partial<Pick<ModelEntry, 'bytes_per_s' | 'left_s'>>,
  trans: TranslationBundle
): string {
  if (!progress) {
    return '';
  }
  const parts = [done(progress, trans)];
  if (progress.total && bytes_per_s) {
    parts.push(trans.__('%1/s', size(bytes_per_s)));
  }
  if (progress.total && typeof left_s === 'number') {
    parts.push(trans.__('%1 left', duration(left_s, trans)));
  }
  return parts.join(' · ');
}

/** What a model is, and what it takes. */
export function factWords(entry: ModelEntry, trans: TranslationBundle): string {
  const { name, title, licence, precision, memory_bytes, fit, room } = entry;
  return [
    name === title ? '' : name,
    licence,
    precision,
    storageWords(entry, trans),
    memory_bytes ? trans.__('needs %1 of memory', size(memory_bytes)) : '',
    fitWords(fit, trans),
    isShort(room)
      ? trans.__(
          'no room on the disk: needs %1, %2 free',
          size(room.needed_bytes),
          size(room.free_bytes)
        )
      : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

export function fitWords(fit: Fit, trans: TranslationBundle): string {
  switch (fit) {
    case 'fits':
      return trans.__('fits here');
    case 'tight':
      return trans.__('fits here once other programs give memory back');
    case 'too_large':
      return trans.__('too large for this machine');
    case 'no_room': // told by its numbers
    case 'unknown':
      return '';
  }
}

/** How much memory a model is short of here. */
export function shortageWords(
  { memory_bytes: needed }: Pick<ModelEntry, 'memory_bytes'>,
  { kind, memory_bytes: there }: Pick<WireMachine, 'kind' | 'memory_bytes'>,
  trans: TranslationBundle
): string {
  const sizes = [size(needed), size(there), size(needed - there)];
  return kind === 'cuda'
    ? trans.__('It needs %1 of memory to run, and the GPU here has %2: %3 too little.', ...sizes)
    : trans.__('It needs %1 of memory to run, and this machine has %2: %3 too little.', ...sizes);
}

/** Whether a disk cannot take what is still to come of a model. */
export function isShort(room: Room | null): room is Room {
  return !!room && room.needed_bytes > room.free_bytes;
}

/** How much room on the disk a model is short of. */
export function roomWords(
  { needed_bytes: needed, free_bytes: free }: Room,
  trans: TranslationBundle
): string {
  return trans.__(
    'Getting it needs %1 on the disk, and %2 are free: %3 too little.',
    size(needed),
    size(free),
    size(needed - free)
  );
}

/** How a model stands, in a word or two. */
export function stateWords({ state }: Pick<ModelEntry, 'state'>, trans: TranslationBundle): string {
  switch (state) {
    case 'none':
      return trans.__('Not here');
    case 'waiting':
      return trans.__('Waiting for its turn');
    case 'fetching':
      return trans.__('Downloading');
    case 'exporting':
      return trans.__('Preparing');
    case 'paused':
      return trans.__('Paused');
    case 'failed':
      return trans.__('Failed');
    case 'prepared':
      return trans.__('Here');
    case 'served':
      return trans.__('In use');
  }
}

/** Why no other model can be used. */
export function lockWords(
  { reason }: Pick<SettingsReply, 'reason'>,
  trans: TranslationBundle
): string {
  return reason
    ? trans.__('The administrator has said which model answers here: %1', reason)
    : trans.__('The administrator has said which model answers here.');
}

export function machineWords(machine: WireMachine, trans: TranslationBundle): string {
  const { kind, name, cores, memory_bytes, free_bytes } = machine;
  return [
    [kind === 'cuda' ? trans.__('GPU') : trans.__('CPU'), name].filter(Boolean).join(' '),
    kind === 'cpu' ? trans._n('%1 core', '%1 cores', cores) : '',
    memory_bytes ? trans.__('%1 of memory', size(memory_bytes)) : '',
    memory_bytes && free_bytes ? trans.__('%1 free', size(free_bytes)) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

export function speedWords(speed: SpeedReply, trans: TranslationBundle): string {
  return trans.__(
    '%1 tokens/s on %2, the first after %3 ms (%4 tokens behind a prompt of %5)',
    round(speed.tokens_per_s),
    speed.device,
    Math.round(speed.first_token_ms),
    speed.new_tokens,
    speed.prompt_tokens
  );
}

function storageWords(entry: ModelEntry, trans: TranslationBundle): string {
  if (entry.is_prepared) {
    return entry.disk_bytes ? trans.__('%1 on the disk', size(entry.disk_bytes)) : '';
  }
  return entry.download_bytes ? trans.__('%1 to download', size(entry.download_bytes)) : '';
}

function done({ step, done, total, unit }: Progress, trans: TranslationBundle): string {
  if (!total) {
    return unit === 'bytes' && done ? trans.__('%1: %2', step, size(done)) : step;
  }
  if (unit !== 'bytes') {
    return trans.__('%1: %2 of %3 %4', step, done, total, unit).trim();
  }
  const scale = unitOf(total);
  return trans.__('%1 of %2', number(scale, done), sizeIn(scale, total));
}

function duration(seconds: number, trans: TranslationBundle): string {
  if (seconds < 60) {
    return trans.__('%1 s', Math.max(1, Math.round(seconds)));
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? trans.__('%1 min', minutes)
    : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

function unitOf(bytes: number): number {
  const power = bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3);
  // What would be rounded up to a thousand is one of the next unit.
  const unit = Math.round(bytes / STEP ** power) >= STEP ? power + 1 : power;
  return Math.min(unit, UNITS.length - 1);
}

function sizeIn(unit: number, bytes: number): string {
  return `${number(unit, bytes)} ${UNITS[unit]}`;
}

function number(unit: number, bytes: number): string {
  return round(bytes / STEP ** unit);
}

/** Two digits that count, and whole numbers from ten on. */
function round(value: number): string {
  return value >= 10 || value === 0 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}
