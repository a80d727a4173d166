import { markdownRendererFactory } from '@jupyterlab/rendermime';
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Widget } from '@lumino/widgets';

import { delay } from '../delay';
import { OfflineSanitizer } from './sanitizer';

const MIME_TYPE = 'text/markdown';

/** Between two renderings of a text that grows: to render is dearer than to read a few words later. */
const PAUSE_MS = 120;

/** Markdown that grows, rendered by JupyterLab's own renderer as text that nobody trusts. */
export class GrowingMarkdown {
  constructor(rendermime: IRenderMimeRegistry) {
    this._rendermime = rendermime;
    this._renderer = markdownRendererFactory.createRenderer({
      mimeType: MIME_TYPE,
      sanitizer: new OfflineSanitizer(rendermime.sanitizer),
      resolver: null,
      linkHandler: rendermime.linkHandler,
      latexTypesetter: rendermime.latexTypesetter,
      markdownParser: rendermime.markdownParser
    });
  }

  /** Where the text is shown. */
  get widget(): Widget {
    return this._renderer;
  }

  /** Shows a text soon, and the last of several that come quickly. */
  show(text: string): void {
    this._wanted = text;
    this._rendering ??= this._catchUp().finally(() => {
      this._rendering = null;
    });
  }

  private async _catchUp(): Promise<void> {
    while (this._shown !== this._wanted && !this._renderer.isDisposed) {
      this._shown = this._wanted;
      const model = this._rendermime.createModel({
        data: { [MIME_TYPE]: this._shown },
        trusted: false
      });
      try {
        await this._renderer.renderModel(model);
      } catch {
        // Half an answer may be no Markdown that the renderer can take: its text can be read all the same.
        this._renderer.node.textContent = this._shown;
      }
      await delay(PAUSE_MS, NEVER);
    }
  }

  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _renderer: IRenderMime.IRenderer;
  private _wanted = '';
  private _shown = '';
  private _rendering: Promise<void> | null = null;
}

const NEVER = new AbortController().signal;
