// Generated from jupyter_starcoder/wire.py: run `make wire` after a change there.

export type OutputKind = 'stream' | 'result' | 'error';

/** What a cell printed, as plain text. */
export interface WireOutput {
  kind: OutputKind;
  text: string;
}

export type CellKind = 'code' | 'markdown' | 'raw';

/** A cell in full; `hash` is empty for a cell that need not be kept (the one being typed in). */
export interface WireCell {
  kind: CellKind;
  source: string;
  outputs?: WireOutput[];
  hash?: string;
  run?: number;
}

/** Cells in order, each in full or as the hash under which it was sent before. */
export interface WireNotebook {
  cells: (WireCell | string)[];
  language?: string;
  path?: string;
  live?: string;
}

/** POST starcoder/complete. */
export interface CompleteRequest {
  notebook: WireNotebook;
  cell: number;
  offset: number;
  session?: string;
  max_tokens?: number | null;
  variant?: number;
  ahead?: boolean;
}

export type Speaker = 'person' | 'assistant';

/** What the person or the assistant said before. */
export interface WireTurn {
  speaker: Speaker;
  text: string;
}

export type SubjectKind = 'cell' | 'selection' | 'output' | 'error';

/** POST starcoder/explain. */
export interface ExplainRequest {
  notebook: WireNotebook;
  cell: number;
  subject?: SubjectKind;
  text?: string;
  turns?: WireTurn[];
  session?: string;
  max_tokens?: number | null;
}

/** POST starcoder/edit: the cell's new text, whole, changed as the instruction says. */
export interface EditRequest {
  notebook: WireNotebook;
  cell: number;
  instruction: string;
  start?: number | null;
  end?: number | null;
  session?: string;
  max_tokens?: number | null;
}

/** The error with which a cell failed. */
export interface WireMishap {
  name: string;
  message: string;
  traceback?: string;
}

/** POST starcoder/fix: the cell's new text, whole, without the error. */
export interface FixRequest {
  notebook: WireNotebook;
  cell: number;
  mishap: WireMishap;
  session?: string;
  max_tokens?: number | null;
}

/** POST starcoder/generate: code for a request in words, to stand in a new cell before index `cell`. */
export interface GenerateRequest {
  notebook: WireNotebook;
  cell: number;
  request: string;
  session?: string;
  max_tokens?: number | null;
}

export type AttachmentKind = 'cell' | 'selection' | 'frame' | 'error';

/** Something from the notebook that the person laid beside a question. */
export interface WireAttachment {
  kind: AttachmentKind;
  label: string;
  text: string;
}

/** POST starcoder/chat: what the assistant says next in a conversation that whoever asks remembers himself. */
export interface ChatRequest {
  notebook: WireNotebook;
  turns: WireTurn[];
  cell?: number | null;
  session?: string;
  max_tokens?: number | null;
}

/** POST starcoder/chats: a conversation about the notebook at `path`; empty without one. */
export interface NewChatRequest {
  path: string;
}

/** PATCH starcoder/chats: the notebook or folder at `path` is at `to` now, and so are its conversations. */
export interface MoveRequest {
  path: string;
  to: string;
}

/** PATCH starcoder/chats/ID. */
export interface RenameRequest {
  title: string;
}

/**
 * POST starcoder/chats/ID/ask: answered like a question about a cell, and kept.
 *
 * `key` is the page's own name for the question; the last question sent again under its key gets another answer.
 */
export interface AskRequest {
  notebook: WireNotebook;
  key: string;
  question: string;
  attachments?: WireAttachment[];
  cell?: number | null;
  session?: string;
  max_tokens?: number | null;
}

/** A conversation without what was said in it. */
export interface Chat {
  id: string;
  path: string;
  title: string;
  changed_s: number;
}

/** GET starcoder/chats, of all notebooks or with `?path=` of one. */
export interface ChatsReply {
  chats: Chat[];
  notice: string;
}

/** Something from the notebook that the person laid beside the question. */
export interface Attachment {
  kind: AttachmentKind;
  label: string;
  text: string;
}

export type Ending = 'done' | 'cut' | 'stopped' | 'failed';

/** What the assistant said, as far as it came. */
export interface Reply {
  text: string;
  ending: Ending;
  model: string;
  left_out_turns: number;
}

/** A question, and its answer once that has ended. */
export interface Exchange {
  key: string;
  question: string;
  asked_s: number;
  attachments: Attachment[];
  reply: Reply | null;
}

/** GET starcoder/chats/ID. */
export interface ChatReply {
  chat: Chat;
  exchanges: Exchange[];
}

/** A frame in a live kernel that a question can point at. */
export interface Frame {
  name: string;
  kind: string;
  shape: number[];
  columns: number;
}

/** GET starcoder/chats/frames?path=: what of the live kernel can be laid beside a question. */
export interface FramesReply {
  frames: Frame[];
}

/** POST starcoder/models/load. */
export interface LoadRequest {
  model: string;
}

/** One line of an answer: the next piece of its text. */
export interface TextEvent {
  type: 'text';
  text: string;
}

/** One part of a prompt as the model is given it, its markers spelled. */
export interface WireSection {
  name: string;
  text: string;
  tokens: number;
  build_ms: number;
}

export type Outcome = 'answered' | 'late' | 'failed';

/** How it went with a source of context. */
export interface WireSource {
  name: string;
  outcome: Outcome;
  snippets: number;
  took_ms: number;
}

/** The first line of an answer that was asked for with `?debug=prompt`: all that the model is given. */
export interface PromptEvent {
  type: 'prompt';
  family: string;
  sections: WireSection[];
  sources: WireSource[];
  tokens: number;
  budget_tokens: number;
  context_ms: number;
}

export type Finish = 'stop' | 'length' | 'cancelled' | 'superseded';

/** Where the time went. */
export interface Timings {
  context_ms: number;
  late_sources: number;
  queue_ms: number;
  prompt_tokens: number;
  reused_tokens: number;
  first_token_ms: number;
  new_tokens: number;
  tokens_per_s: number;
}

/** The last line of an answer that went well. */
export interface DoneEvent {
  type: 'done';
  finish: Finish;
  model: string;
  timings: Timings;
  left_out_turns: number;
}

/** The last line of an answer that failed on the way. */
export interface ErrorEvent {
  type: 'error';
  code: string;
  message: string;
}

export type Phase = '' | 'fetching' | 'exporting';

/** How far one step of a preparation is. `total` 0 means: not known. */
export interface Progress {
  step: string;
  done: number;
  total: number;
  unit: string;
  phase: Phase;
}

/** The body of every reply with a status of 400 or more. */
export interface ErrorReply {
  code: string;
  message: string;
  missing: string[];
  progress: Progress | null;
}

export type ServingState = 'absent' | 'preparing' | 'loading' | 'ready' | 'failed';

export type KernelContext = 'none' | 'schema' | 'schema+examples';

/** GET starcoder/health. */
export interface HealthReply {
  version: string;
  state: ServingState;
  model: string;
  device: string;
  message: string;
  answering: string;
  is_busy: boolean;
  waiting: number;
  kernel_context: KernelContext;
  progress: Progress | null;
}

export type Trigger = 'automatic' | 'manual';

/** What a person can set in the front end; `labextension/schema/plugin.json` says what each means. */
export interface Options {
  enabled: boolean;
  trigger: Trigger;
  debounceMs: number;
  maxTokens: number;
  model: string;
}

export type OptionName = 'enabled' | 'trigger' | 'debounceMs' | 'maxTokens' | 'model';

export type Feature = 'complete' | 'explain' | 'edit' | 'fix' | 'generate' | 'chat';

/** GET starcoder/settings: what the administrator says about the front end. */
export interface SettingsReply {
  options: Options;
  locked: OptionName[];
  disabled: Feature[];
  reason: string;
}

export type Precision = 'fp32' | 'fp16' | 'int8' | 'int4';

export type Fit = 'fits' | 'tight' | 'too_large' | 'no_room' | 'unknown';

export type ModelState =
  'none' | 'waiting' | 'fetching' | 'exporting' | 'paused' | 'failed' | 'prepared' | 'served';

/** What is still to come of a model onto a disk, and what is free there; of several the disk that falls shortest. */
export interface Room {
  needed_bytes: number;
  free_bytes: number;
}

/** One model of the catalogue or the store. */
export interface ModelEntry {
  name: string;
  title: string;
  licence: string;
  precision: Precision;
  download_bytes: number;
  is_prepared: boolean;
  disk_bytes: number;
  memory_bytes: number;
  fit: Fit;
  is_gated: boolean;
  address: string;
  access: string;
  resumes: boolean;
  note: string;
  state: ModelState;
  message: string;
  bytes_per_s: number;
  left_s: number | null;
  progress: Progress | null;
  room: Room | null;
}

export type Device = 'cpu' | 'cuda';

/** What models run on here. */
export interface WireMachine {
  kind: Device;
  name: string;
  cores: number;
  memory_bytes: number;
  free_bytes: number;
}

/** GET starcoder/tour. */
export interface TourReply {
  text: string;
}

/** GET starcoder/models, and what every change of a model answers. */
export interface ModelsReply {
  models: ModelEntry[];
  current: string;
  served: string;
  machine: WireMachine;
}

/** POST starcoder/models/get, pause, cancel, test. */
export interface ModelRequest {
  model: string;
}

/** POST starcoder/models/remove. */
export interface RemoveRequest {
  model: string;
  unload?: boolean;
}

/** POST starcoder/models/test: what a short answer of the served model took. */
export interface SpeedReply {
  model: string;
  device: string;
  prompt_tokens: number;
  first_token_ms: number;
  new_tokens: number;
  tokens_per_s: number;
}
