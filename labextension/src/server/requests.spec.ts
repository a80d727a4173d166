import { describe, expect, it } from 'vitest';

import { Activity } from './activity';
import type { AnswerEvent } from './api';
import { named } from '../document/cells';
import { Failure } from './failure';
import { Requests } from './requests';
import type { Page } from './requests';
import type { CompleteRequest } from '../wire';

const DONE: AnswerEvent = {
  type: 'done',
  finish: 'stop',
  left_out_turns: 0,
  model: 'fake',
  timings: {
    late_sources: 0,
    context_ms: 0,
    queue_ms: 0,
    prompt_tokens: 1,
    reused_tokens: 0,
    first_token_ms: 0,
    new_tokens: 1,
    tokens_per_s: 0
  }
};

/** A server that answers each request in turn with what the test says, and keeps the bodies. */
class FakeServer {
  readonly bodies: string[] = [];
  replies: (AnswerEvent[] | Failure)[] = [];

  async *answer(_endpoint: string, body: string): AsyncGenerator<AnswerEvent> {
    this.bodies.push(body);
    const reply = this.replies.shift() ?? [DONE];
    if (reply instanceof Failure) {
      throw reply;
    }
    yield* reply;
  }

  get last(): CompleteRequest {
    return JSON.parse(this.bodies.at(-1) ?? 'null') as CompleteRequest;
  }
}

function setUp() {
  const server = new FakeServer();
  const activity = new Activity();
  const requests = new Requests({ api: server, activity, pageId: 'page' });
  const ask = async (page: Page) => {
    const { signal } = new AbortController();
    for await (const event of requests.complete(page, { offset: 3, max_tokens: 8 }, signal)) {
      void event;
    }
  };
  return { server, activity, ask };
}

function notebookOf(count: number, current: number): Page {
  const cells = Array.from({ length: count }, (_, n) =>
    named('code', `value_${n} = compute(${n})\n`.repeat(30), [
      { kind: 'stream', text: 'out '.repeat(200) }
    ])
  );
  return { cells, current, language: 'python', path: 'folder/long notebook.ipynb' };
}

describe('Requests', () => {
  it('stays under 20 KB for a notebook of 500 cells that the server has seen', async () => {
    const { server, ask } = setUp();
    const page = notebookOf(500, 250);
    await ask(page);
    await ask(page);

    expect(server.bodies[0].length).toBeGreaterThan(500_000);
    expect(server.bodies[1].length).toBeLessThan(20_000);
    expect(server.last.notebook.cells).toHaveLength(500);
    console.log(`a keystroke in a notebook of 500 cells sends ${server.bodies[1].length} bytes`);
  });

  it('says which cell, where in it, and which page asks', async () => {
    const { server, ask } = setUp();
    await ask(notebookOf(2, 1));

    expect(server.last).toMatchObject({
      cell: 1,
      offset: 3,
      max_tokens: 8,
      session: 'page:folder/long notebook.ipynb'
    });
    expect(server.last.notebook).toMatchObject({
      language: 'python',
      path: 'folder/long notebook.ipynb'
    });
  });

  it('sends in full what the server has lost, once', async () => {
    const { server, ask } = setUp();
    const page = notebookOf(3, 2);
    await ask(page);
    const lost = new Failure({ code: 'cells_missing', message: '', missing: [page.cells[1].hash] });
    server.replies = [lost];
    await ask(page);

    expect(server.bodies).toHaveLength(3);
    expect(server.last.notebook.cells).toMatchObject([
      page.cells[0].hash,
      { hash: page.cells[1].hash },
      { hash: '' }
    ]);
  });

  it('gives up when the server loses the same cells again', async () => {
    const { server, activity, ask } = setUp();
    const page = notebookOf(3, 2);
    const lost = () =>
      new Failure({ code: 'cells_missing', message: 'lost', missing: [page.cells[1].hash] });
    server.replies = [lost(), lost()];

    await expect(ask(page)).rejects.toThrow('lost');
    expect(server.bodies).toHaveLength(2);
    expect(activity.isBusy).toBe(false);
    expect(activity.failure?.code).toBe('cells_missing');
  });

  it('is busy from the question to the last event', async () => {
    const { activity, ask } = setUp();
    const seen: boolean[] = [];
    activity.changed.connect(() => seen.push(activity.isBusy));
    await ask(notebookOf(1, 0));

    expect(seen).toEqual([true, false]);
  });
});
