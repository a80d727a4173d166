import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Failure } from './failure';
import { jsonLines } from './ndjson';
import type {
  DoneEvent,
  ErrorEvent,
  ErrorReply,
  HealthReply,
  LoadRequest,
  ModelRequest,
  ModelsReply,
  RemoveRequest,
  SettingsReply,
  SpeedReply,
  TextEvent
} from '../wire';

const NO_CONTENT = 204;

/** One event of an answer that goes well. */
export type AnswerEvent = TextEvent | DoneEvent;

/** What can be done about the download of a model. */
export type FetchVerb = 'get' | 'pause' | 'cancel';

/** Our server extension, over HTTP. Every method fails with a `Failure`. */
export class Api {
  constructor(options: { settings: ServerConnection.ISettings; trans: TranslationBundle }) {
    this._settings = options.settings;
    this._trans = options.trans;
  }

  /** The state of the model. */
  async health(): Promise<HealthReply> {
    const response = await this._send('health', { method: 'GET' });
    return (await response.json()) as HealthReply;
  }

  /** What the administrator says about the front end. */
  async settings(): Promise<SettingsReply> {
    const response = await this._send('settings', { method: 'GET' });
    return (await response.json()) as SettingsReply;
  }

  /** Asks for another model; the answer to "is it there yet?" is `health`. */
  async load(request: LoadRequest): Promise<void> {
    await this._send('models/load', { method: 'POST', body: JSON.stringify(request) });
  }

  /** Every model, how it stands, and what they run on. */
  async models(): Promise<ModelsReply> {
    const response = await this._send('models', { method: 'GET' });
    return (await response.json()) as ModelsReply;
  }

  /** Begins to fetch a model or goes on with it, pauses that, or gives it up. */
  async fetchModel(verb: FetchVerb, request: ModelRequest): Promise<ModelsReply> {
    return this._post(`models/${verb}`, request);
  }

  /** Takes a model out of the store. */
  async removeModel(request: RemoveRequest): Promise<ModelsReply> {
    return this._post('models/remove', request);
  }

  /** How fast the model that is served answers. */
  async testModel(request: ModelRequest): Promise<SpeedReply> {
    return this._post('models/test', request);
  }

  /** What the server replies to a request that is neither about the model nor for an answer. */
  async call<T>(method: string, endpoint: string, body?: object): Promise<T> {
    const response = await this._send(endpoint, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {})
    });
    return (response.status === NO_CONTENT ? undefined : await response.json()) as T;
  }

  /** Events of an answer until its last one, which is always "done". */
  async *answer(endpoint: string, body: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const response = await this._send(endpoint, { method: 'POST', body, signal });
    let isDone = false;
    try {
      if (response.body) {
        // To the end of the body: a connection that is left before that cannot be used for the next request.
        for await (const event of jsonLines<AnswerEvent | ErrorEvent>(response.body)) {
          if (event.type === 'error') {
            throw new Failure(event);
          }
          isDone = event.type === 'done';
          yield event;
        }
      }
    } catch (reason) {
      if (reason instanceof Failure) {
        throw reason;
      }
    }
    if (isDone) {
      return;
    }
    // No last event came: the server went away in the middle of the answer.
    const message = this._trans.__(
      'The connection to the Jupyter server ended before the answer did: try again.'
    );
    throw new Failure({ code: 'interrupted', message });
  }

  private async _post<T>(endpoint: string, request: object): Promise<T> {
    const response = await this._send(endpoint, { method: 'POST', body: JSON.stringify(request) });
    return (await response.json()) as T;
  }

  private async _send(endpoint: string, init: RequestInit): Promise<Response> {
    const url = URLExt.join(this._settings.baseUrl, 'starcoder', endpoint);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this._settings);
    } catch {
      throw Failure.unreachable(this._trans);
    }
    if (!response.ok) {
      throw new Failure(await this._reply(response));
    }
    return response;
  }

  private async _reply(response: Response): Promise<ConstructorParameters<typeof Failure>[0]> {
    const reply = (await response.json().catch(() => null)) as Partial<ErrorReply> | null;
    return {
      ...reply,
      code: reply?.code ?? 'error',
      message: reply?.message ?? this._trans.__('The Jupyter server answered %1.', response.status)
    };
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _trans: TranslationBundle;
}
