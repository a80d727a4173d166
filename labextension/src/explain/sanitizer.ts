import type { IRenderMime } from '@jupyterlab/rendermime';

/** Elements that fetch something by being shown. */
const FETCHING =
  'img, picture, source, video, audio, track, iframe, object, embed, link, input[type="image"], svg image';

/**
 * JupyterLab's sanitiser, and after it nothing that would be fetched from elsewhere.
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
    body.querySelectorAll('[style]').forEach(element => {
      if (/url\s*\(|image-set|\\/i.test(element.getAttribute('style') ?? '')) {
        element.removeAttribute('style');
      }
    });
    body.querySelectorAll('[background]').forEach(element => element.removeAttribute('background'));
    return body.innerHTML;
  }
}
