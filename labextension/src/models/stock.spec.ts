import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';

import { Failure } from '../server/failure';
import type { Health } from '../status/health';
import type { ModelsReply, ModelState } from '../wire';
import { Stock } from './stock';

const reply = (state: ModelState): ModelsReply =>
  ({ models: [{ name: 'small', state }], current: '', served: '' }) as unknown as ModelsReply;

function make() {
  const health = { current: { health: null, silence: '', isBusy: false }, refresh: vi.fn() };
  const changed = new Signal<object, void>(health);
  const api = {
    models: vi.fn(() => Promise.resolve(reply('none'))),
    fetchModel: vi.fn(() => Promise.resolve(reply('fetching'))),
    removeModel: vi.fn(() => Promise.resolve(reply('none'))),
    testModel: vi.fn()
  };
  const stock = new Stock({ api, health: { ...health, changed } as unknown as Health });
  return { stock, api, health, changed };
}

describe('the models of the server', () => {
  it('are asked for only while somebody watches', async () => {
    const { stock, api } = make();
    stock.refresh();
    await Promise.resolve();
    expect(api.models).not.toHaveBeenCalled();

    const watches = [stock.watch(), stock.watch()];
    await vi.waitFor(() => expect(stock.entry('small')?.state).toBe('none'));
    const asked = api.models.mock.calls.length;
    watches.forEach(watch => watch.dispose());
    stock.refresh();
    await new Promise(resolve => setTimeout(resolve, 20));

    expect(api.models).toHaveBeenCalledTimes(asked);
  });

  it('are as they were heard of last, whatever comes late', async () => {
    const { stock, api } = make();
    let tellLate = (_: ModelsReply) => {};
    api.models.mockImplementationOnce(() => new Promise(resolve => (tellLate = resolve)));
    const watch = stock.watch();
    await vi.waitFor(() => expect(api.models).toHaveBeenCalled());
    await stock.fetch('get', 'small');
    tellLate(reply('none'));
    await new Promise(resolve => setTimeout(resolve, 20));

    expect(stock.entry('small')?.state).toBe('fetching');
    watch.dispose();
  });

  it('say why something could not be done, until it is tried again', async () => {
    const { stock, api, health } = make();
    api.removeModel.mockRejectedValueOnce(new Failure({ code: 'x', message: 'the disk is gone' }));
    await stock.remove('small');
    expect(stock.note('small')).toMatchObject({ pending: '', failure: 'the disk is gone' });

    await stock.remove('small');
    expect(stock.note('small').failure).toBe('');
    expect(health.refresh).toHaveBeenCalledOnce();
  });

  it('are asked once for what is asked for twice', async () => {
    const { stock, api } = make();
    const first = stock.fetch('get', 'small');
    expect(stock.note('small').pending).toBe('get');
    await Promise.all([first, stock.fetch('get', 'small')]);

    expect(api.fetchModel).toHaveBeenCalledOnce();
  });
});
