/** A button as all our panels have it. */
export function button(
  label: string,
  onClick: (event: MouseEvent) => void,
  title = ''
): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'jp-Starcoder-button';
  element.textContent = label;
  element.title = title;
  element.addEventListener('click', onClick);
  return element;
}

/**
 * Takes the focus, and once more behind the click that led here.
 *
 * A button of JupyterLab's toolbars takes the focus after the command that it executes; the palette gives it back
 * to where it was, unless it is taken at once.
 */
export function takeFocus(take: () => void): void {
  take();
  void Promise.resolve().then(take);
}

/** A line of text to be typed in, named by what it asks. */
export function textInput(label: string): HTMLInputElement {
  const input = document.createElement('input');
  input.type = 'text';
  input.className = 'jp-Starcoder-input jp-mod-styled';
  input.placeholder = label;
  input.setAttribute('aria-label', label);
  input.autocomplete = 'off';
  input.spellcheck = false;
  return input;
}
