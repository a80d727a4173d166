/** Keys that, held with Ctrl or Cmd alone, work on the text of an input: undo, redo, and the clipboard. */
const TEXT_KEYS = 'acvxyz';

/** Marks a node whose keys are no shortcuts; Lumino sees it too late on one around the key's target. */
const NO_SHORTCUTS = 'data-lm-suppress-shortcuts';

/** What a key does inside a node, by its name, with "Accel " before it where Ctrl or Cmd is held. */
type Actions = Record<string, () => void>;

/** The nodes that keep keys to themselves. */
const owners = new WeakMap<Element, Actions>();

let isWatching = false;

/**
 * Keeps keys that are pressed inside a node from being shortcuts of the notebook, such as "d d" on a button.
 *
 * What is meant for the application still gets there, such as saving.
 */
export function ownKeys(node: HTMLElement, actions: Actions): void {
  owners.set(node, actions);
  if (!isWatching) {
    isWatching = true;
    // Notebook 7 looks for shortcuts while a key is still on its way down: only the window hears it before.
    window.addEventListener('keydown', hideFromShortcuts, true);
  }
  node.addEventListener('keydown', event => {
    if (!isOwn(event, actions)) {
      return;
    }
    event.stopPropagation();
    const action = actionOf(event, actions);
    if (action) {
      event.preventDefault();
      action();
    }
  });
}

/** Says at a key's target, in a node that has keys of its own, whether this is one. */
function hideFromShortcuts(event: KeyboardEvent): void {
  const { target } = event;
  if (!(target instanceof Element)) {
    return;
  }
  const around: Actions[] = [];
  for (let node: Element | null = target; node; node = node.parentElement) {
    const actions = owners.get(node);
    if (actions) {
      around.push(actions);
    }
  }
  if (around.length) {
    target.toggleAttribute(
      NO_SHORTCUTS,
      around.some(actions => isOwn(event, actions))
    );
  }
}

/** Whether a key is the node's own: any without Ctrl or Cmd, those that edit text, and those that do something here. */
export function isOwn(event: KeyboardEvent, actions: Actions): boolean {
  if (event.isComposing) {
    return false;
  }
  return !isAccelerated(event) || isOfText(event) || actionOf(event, actions) !== undefined;
}

function isOfText({ key, altKey, shiftKey }: KeyboardEvent): boolean {
  const letter = key.toLowerCase(); // with Caps Lock on it is a capital one
  return !altKey && (shiftKey ? letter === 'z' : TEXT_KEYS.includes(letter));
}

function actionOf(event: KeyboardEvent, actions: Actions): (() => void) | undefined {
  return actions[`${isAccelerated(event) ? 'Accel ' : ''}${event.key}`];
}

function isAccelerated({ ctrlKey, metaKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey;
}
