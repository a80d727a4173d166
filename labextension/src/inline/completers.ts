import type { IInlineCompleterFactory, InlineCompleter } from '@jupyterlab/completer';

/** The widgets that show suggestions: one for each open document. */
export class Completers {
  /**
   * @param factory - makes them. It is changed in place, so that others who change it too are not shut out.
   */
  constructor(factory: IInlineCompleterFactory | null) {
    if (factory) {
      const make = factory.factory.bind(factory);
      factory.factory = options => this._adopt(make(options));
    }
  }

  /** Changes every widget that is made from now on. */
  each(adapt: (completer: InlineCompleter) => void): void {
    this._adapters.push(adapt);
  }

  /** The one that shows a suggestion where somebody types; null where none does. */
  get active(): InlineCompleter | null {
    return this._find(({ isActive, editor }) => isActive && editor?.hasFocus() === true);
  }

  /** The one in whose editor somebody changes a text. */
  of(text: object): InlineCompleter | null {
    return this._find(({ editor }) => editor?.model.sharedModel === text && editor.hasFocus());
  }

  private _adopt(completer: InlineCompleter): InlineCompleter {
    this._all.add(completer);
    completer.disposed.connect(() => this._all.delete(completer));
    this._adapters.forEach(adapt => adapt(completer));
    return completer;
  }

  private _find(test: (completer: InlineCompleter) => boolean): InlineCompleter | null {
    return [...this._all].find(test) ?? null;
  }

  private readonly _all = new Set<InlineCompleter>();
  private readonly _adapters: ((completer: InlineCompleter) => void)[] = [];
}
