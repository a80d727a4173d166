import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';

/** Where the popup of completions is open: its keys come first. */
const POPUP_CLASS = 'jp-mod-completer-active';

/**
 * Lets some commands have their keys before the editor takes them.
 *
 * JupyterLab looks at keys behind the editor, whose own Ctrl+→ would go first. The keys are those of the shortcuts that
 * hold by now; where a command is not enabled, its keys are the editor's.
 */
export function keysBeforeEditor(
  commands: JupyterFrontEnd['commands'],
  ids: readonly string[]
): void {
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as Element;
    const keys = CommandRegistry.keystrokeForKeydownEvent(event);
    const binding = commands.keyBindings.find(
      ({ command, keys: [first, ...others], selector }) =>
        ids.includes(command) && !others.length && first === keys && target.closest(selector)
    );
    const { command } = binding ?? {};
    if (command && !target.closest(`.${POPUP_CLASS}`) && commands.isEnabled(command)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      void commands.execute(command);
    }
  };
  document.addEventListener('keydown', onKey, true);
}
