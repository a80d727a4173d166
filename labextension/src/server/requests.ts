import type { AnswerEvent, Api } from './api';
import { KnownCells } from '../document/cells';
import type { NamedCell } from '../document/cells';
import type { Activity } from './activity';
import { Failure } from './failure';
import type {
  CompleteRequest,
  EditRequest,
  ExplainRequest,
  FixRequest,
  GenerateRequest,
  Timings,
  WireNotebook
} from '../wire';

/** A notebook as it stands now, with the cell in question. A plain file is a notebook of one code cell. */
export interface Page {
  readonly cells: readonly NamedCell[];
  /** -1 where the question is about none of them. */
  readonly current: number;
  readonly language: string;
  readonly path: string;
}

/** What is asked besides the notebook. */
type Question<T> = Omit<T, 'notebook' | 'cell' | 'session'>;

/** What can be asked about a notebook, by its endpoint. */
interface Questions {
  complete: Question<CompleteRequest>;
  explain: Question<ExplainRequest>;
  edit: Question<EditRequest>;
  fix: Question<FixRequest>;
  generate: Question<GenerateRequest>;
}

/** What requests need of the server. */
export type AnswerSource = Pick<Api, 'answer'>;

/** Asks the server, with as few bytes as it needs to know the notebook. */
export class Requests {
  /**
   * @param options.pageId - names this browser page among all others that use the server.
   */
  constructor(options: { api: AnswerSource; activity: Activity; pageId: string }) {
    this._api = options.api;
    this._activity = options.activity;
    this._pageId = options.pageId;
  }

  complete(
    page: Page,
    question: Questions['complete'],
    signal: AbortSignal
  ): AsyncGenerator<AnswerEvent> {
    return this.ask('complete', page, question, signal);
  }

  /** Events of the answer to a question about a notebook. */
  ask<Endpoint extends keyof Questions>(
    endpoint: Endpoint,
    page: Page,
    question: Questions[Endpoint],
    signal: AbortSignal
  ): AsyncGenerator<AnswerEvent> {
    return this.askAt(endpoint, page, question, signal);
  }

  /** The same for an endpoint with a name of its own, such as one chat of many. */
  async *askAt(
    endpoint: string,
    page: Page,
    question: object,
    signal: AbortSignal
  ): AsyncGenerator<AnswerEvent> {
    const known = this._knownOf(page.path);
    const body = () => {
      const cells = known.pack(page.cells, page.current);
      // A language that is not known yet is left out: the server has a guess of its own.
      const notebook: WireNotebook = {
        cells,
        language: page.language || undefined,
        path: page.path
      };
      const session = `${this._pageId}:${page.path}`;
      const cell = page.current < 0 ? null : page.current;
      return JSON.stringify({ ...question, notebook, cell, session });
    };
    let failure: Failure | null = null;
    let timings: Timings | null = null;
    const end = this._activity.begin(kindOf(endpoint));
    const answer = async function* (api: AnswerSource): AsyncGenerator<AnswerEvent> {
      for await (const event of api.answer(endpoint, body(), signal)) {
        if (event.type === 'done') {
          ({ timings } = event);
        }
        yield event;
      }
    };
    try {
      try {
        yield* answer(this._api);
      } catch (reason) {
        const first = Failure.of(reason);
        if (first.code !== 'cells_missing') {
          throw first;
        }
        // Once is enough: what is sent in full cannot be missing.
        known.forget(first.missing);
        yield* answer(this._api);
      }
    } catch (reason) {
      failure = Failure.of(reason);
      throw failure;
    } finally {
      end({ failure: signal.aborted ? null : failure, timings });
    }
  }

  private _knownOf(path: string): KnownCells {
    const known = this._known.get(path) ?? new KnownCells();
    this._known.set(path, known);
    return known;
  }

  private readonly _api: AnswerSource;
  private readonly _activity: Activity;
  private readonly _pageId: string;
  private readonly _known = new Map<string, KnownCells>();
}

/** What a log calls the requests of an endpoint, which may name one chat of many. */
function kindOf(endpoint: string): string {
  return endpoint.startsWith('chats/') ? 'chat' : endpoint;
}
