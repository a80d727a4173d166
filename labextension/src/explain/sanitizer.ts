import type { IRenderMime } from '@jupyterlab/rendermime';

/** Elements that fetch something by being shown. */
const FETCHING =
  'img, picture, source, video, audio, track, iframe, object, embed, link, input[type="image"], svg image';

/** Elements that do something when they are clicked or sent off; the boxes of a list of tasks stay. */
const ACTING = 'button, form, textarea, select, input:not([type="checkbox"][disabled])';

/** With these, a click runs a command of JupyterLab: in a trusted notebook without a word. */
const COMMANDS = ['data-commandlinker-command', 'data-commandlinker-args'];

/**
 * JupyterLab's sanitiser, and after it nothing that would be fetched from elsewhere, and nothing that acts.
 *
 * A model can be talked into writing an image whose address carries what stands in the notebook: showing it would
 * send that away. Links stay, since nothing is sent before somebody clicks.
 */
export class OfflineSanitizer implements IRenderMime.ISanitizer {
  constructor(private readonly _base: IRenderMime.ISanitizer) {}

  get allowNamedProperties(): boolean {
    return this._base.allowNamedProperties ?? false;
  }

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    // A document made by the parser is inert: it fetches nothing itself.
    const { body } = new DOMParser().parseFromString(
      this._base.sanitize(dirty, options),
      'text/html'
    );
    body.querySelectorAll(FETCHING).forEach(element => {
      element.replaceWith(element.getAttribute('alt') ?? '');
    });
    body.querySelectorAll(ACTING).forEach(element => {
      element.replaceWith(element.textContent ?? '');
    });
    COMMANDS.forEach(name => {
      body.querySelectorAll(`[${name}]`).forEach(element => element.removeAttribute(name));
    });
    body.querySelectorAll('[style]').forEach(element => {
      if (/url\s*\(|image-set|\\/i.test(element.getAttribute('style') ?? '')) {
        element.removeAttribute('style');
      }
    });
    body.querySelectorAll('[background]').forEach(element => element.removeAttribute('background'));
    return body.innerHTML;
  }
}
