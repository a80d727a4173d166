import { PathExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

const NAME = 'starcoder-tour.ipynb';

/**
 * Makes sure that the person has a copy of the tour; one that is there stays as it is.
 *
 * @param folder - where it is put, as the server names it.
 * @param text - gives the notebook's text, where it is needed.
 * @returns the path of the copy.
 */
export async function ownCopy(
  folder: string,
  {
    contents,
    text
  }: { contents: Pick<Contents.IManager, 'get' | 'save'>; text: () => Promise<string> }
): Promise<string> {
  const path = PathExt.join(PathExt.removeSlash(folder), NAME);
  try {
    await contents.get(path, { content: false });
  } catch (reason) {
    if (!(reason instanceof ServerConnection.ResponseError && reason.response.status === 404)) {
      throw reason;
    }
    await contents.save(path, { type: 'file', format: 'text', content: await text() });
  }
  return path;
}
