import { RenderedMarkdown, markdownRendererFactory } from '@jupyterlab/rendermime';
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import { OfflineSanitizer } from '../explain/sanitizer';
import { button } from '../writing/controls';

/** What can be done with a piece of code that was answered. */
export interface CodeActions {
  readonly trans: TranslationBundle;
  insertBelow(code: string): void;
  replaceSelection(code: string): void;
  copy(code: string): void;
}

/** Renders what a model wrote: fetches nothing, and puts buttons under every piece of code. */
export function rendermimeFor(
  rendermime: IRenderMimeRegistry,
  actions: CodeActions
): IRenderMimeRegistry {
  const own = rendermime.clone({ sanitizer: new OfflineSanitizer(rendermime.sanitizer) });
  own.addFactory({
    ...markdownRendererFactory,
    createRenderer: options => new MarkdownWithBlocks(options, actions)
  });
  return own;
}

class MarkdownWithBlocks extends RenderedMarkdown {
  constructor(
    options: IRenderMime.IRendererOptions,
    private readonly _actions: CodeActions
  ) {
    super(options);
  }

  async render(model: IRenderMime.IMimeModel): Promise<void> {
    await super.render(model);
    const blocks = [...this.node.querySelectorAll('pre')];
    const [full, empty] = [blocks.filter(hasText), blocks.filter(block => !hasText(block))];
    empty.forEach(block => block.remove());
    full.forEach((block, index) => {
      block.after(buttonsOf(block, index + 1, this._actions));
    });
  }
}

function hasText(block: HTMLElement): boolean {
  return block.textContent?.trim() !== '';
}

/** Buttons, which a screen reader tells from those of other pieces by a number. */
function buttonsOf(block: HTMLElement, number: number, actions: CodeActions): HTMLElement {
  const { trans } = actions;
  const group = document.createElement('div');
  const code = () => (block.textContent ?? '').replace(/\n+$/, '');
  group.className = 'jp-Starcoder-blockActions';
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', trans.__('Code %1', String(number)));
  group.append(
    button(
      trans.__('Insert below'),
      () => actions.insertBelow(code()),
      trans.__('Put this code into a new cell below the active one')
    ),
    button(
      trans.__('Replace selection'),
      () => actions.replaceSelection(code()),
      trans.__('Put this code in the place of what is selected in the active cell')
    ),
    button(trans.__('Copy'), () => actions.copy(code()), trans.__('Copy this code'))
  );
  return group;
}
