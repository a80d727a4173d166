import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

const KEY = 'jupyter-starcoder:tally';

/** What became of suggestions; each one shown has at most one of the other ends. */
export interface Counts {
  readonly shown: number;
  readonly accepted: number;
  readonly partly: number;
  readonly dismissed: number;
}

export const NONE: Counts = { shown: 0, accepted: 0, partly: 0, dismissed: 0 };

type End = 'accepted' | 'partly' | 'dismissed';

/** Where counts are kept: the browser's own store. */
export type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Counts what becomes of suggestions. The numbers stay in this browser. */
export class Tally {
  /**
   * @param _store - gives the store, or fails: a browser that keeps nothing for a page may not even let it look.
   */
  constructor(private readonly _store: () => Store) {}

  /** Emitted when a number changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get counts(): Counts {
    try {
      return { ...NONE, ...(JSON.parse(this._store().getItem(KEY) ?? '{}') as Partial<Counts>) };
    } catch {
      return NONE; // a browser that keeps nothing, or somebody else's value
    }
  }

  /** A suggestion is on the screen; however often it is said, and however one types through it, it is one. */
  saw(suggestion: object): void {
    if (!this._ends.has(suggestion)) {
      this._ends.set(suggestion, null);
      this._add('shown', 1);
    }
  }

  /** Something was done with a suggestion; what takes more of it counts instead of what took less. */
  ended(suggestion: object, end: End): void {
    const before = this._ends.get(suggestion);
    if (before === undefined || before === end || before === 'accepted') {
      return;
    }
    if (before === 'partly') {
      if (end === 'dismissed') {
        return;
      }
      this._add('partly', -1);
    }
    this._ends.set(suggestion, end);
    this._add(end, 1);
  }

  clear(): void {
    this._write(NONE);
  }

  private _add(name: keyof Counts, count: number): void {
    // What another page of this browser counted meanwhile is kept.
    const { counts } = this;
    this._write({ ...counts, [name]: counts[name] + count });
  }

  private _write(counts: Counts): void {
    try {
      this._store().setItem(KEY, JSON.stringify(counts));
    } catch {
      return; // a browser that keeps nothing has nothing to show
    }
    this._changed.emit();
  }

  private readonly _ends = new WeakMap<object, End | null>();
  private readonly _changed = new Signal<this, void>(this);
}
