import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';

import { ownCopy } from './copy';

function refusal(status: number): ServerConnection.ResponseError {
  return new ServerConnection.ResponseError(new Response('', { status }));
}

describe('the copy of the tour', () => {
  it('is made in the folder that the person works in', async () => {
    const contents = { get: vi.fn().mockRejectedValue(refusal(404)), save: vi.fn() };

    const path = await ownCopy('/studies/', { contents, text: () => Promise.resolve('{}') });

    expect(path).toBe('studies/starcoder-tour.ipynb');
    expect(contents.save).toHaveBeenCalledWith(path, {
      type: 'file',
      format: 'text',
      content: '{}'
    });
  });

  it('stays as it is where it is there', async () => {
    const contents = { get: vi.fn().mockResolvedValue({}), save: vi.fn() };
    const text = vi.fn();

    expect(await ownCopy('/', { contents, text })).toBe('starcoder-tour.ipynb');
    expect(contents.save).not.toHaveBeenCalled();
    expect(text).not.toHaveBeenCalled();
  });

  it('is not made where it cannot be told whether it is there', async () => {
    const contents = { get: vi.fn().mockRejectedValue(refusal(500)), save: vi.fn() };

    await expect(
      ownCopy('/', { contents, text: () => Promise.resolve('{}') })
    ).rejects.toMatchObject({
      response: { status: 500 }
    });
    expect(contents.save).not.toHaveBeenCalled();
  });
});
