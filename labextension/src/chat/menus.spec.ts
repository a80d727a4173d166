import { describe, expect, it, vi } from 'vitest';

import { ChatMenus } from './menus';

const opened = vi.hoisted(() => vi.fn());
vi.mock('@jupyterlab/apputils', () => ({}));
vi.mock('./attachments', () => ({}));
vi.mock('@lumino/widgets', () => ({
  Menu: class {
    readonly items = [];
    readonly aboutToClose = { connect: () => undefined };
    readonly addItem = () => undefined;
    readonly open = opened;
  }
}));

describe('the menu of what can go with a question', () => {
  it('opens again after it could not be made once', async () => {
    const currentWidget = vi.fn().mockReturnValue(null);
    currentWidget.mockImplementationOnce(() => {
      throw new Error('no notebook');
    });
    const menus = new ChatMenus({
      app: { commands: { addCommand: () => undefined } },
      tracker: {
        get currentWidget() {
          return currentWidget();
        }
      },
      trans: { __: (text: string) => text }
    } as unknown as ConstructorParameters<typeof ChatMenus>[0]);
    const at = { getBoundingClientRect: () => ({ left: 0, bottom: 0 }) } as HTMLElement;

    await expect(menus.choose(at)).rejects.toThrow('no notebook');
    await menus.choose(at);
    expect(opened).toHaveBeenCalledOnce();
  });
});
