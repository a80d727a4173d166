import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** One change of a shared text, as Yjs tells of it. */
interface Edit {
  readonly delta: readonly { readonly insert?: unknown }[];
}

/** What a shared document has besides what its type declares. */
interface Observable {
  readonly ysource?: {
    observe(tell: (edit: Edit, transaction: { readonly local: boolean }) => void): void;
  };
}

/** The end of a line, with the indentation that the editor puts behind it. */
const ENTER = /^\r?\n[ \t]*$/;

/** Whose edits the texts on the page saw last. */
export class Typing {
  /** Emitted with a shared text in which somebody on this page began a new line. */
  get entered(): ISignal<this, object> {
    return this._entered;
  }

  /** Follows a shared text from now on. */
  watch(text: object): void {
    if (this._watched.has(text)) {
      return;
    }
    this._watched.add(text);
    // A type's own observers are called before those of the document, from which JupyterLab asks for completions.
    (text as Observable).ysource?.observe(({ delta }, { local }) => {
      if (local) {
        this._elsewhere.delete(text);
      } else {
        this._elsewhere.add(text);
      }
      if (local && delta.some(({ insert }) => typeof insert === 'string' && ENTER.test(insert))) {
        this._entered.emit(text);
      }
    });
  }

  /** Whether the last edit of a text was made by somebody else, on a page of his own. */
  isElsewhere(text: object): boolean {
    return this._elsewhere.has(text);
  }

  private readonly _watched = new WeakSet<object>();
  private readonly _elsewhere = new WeakSet<object>();
  private readonly _entered = new Signal<this, object>(this);
}
