import { contentHash } from './hash';
import type { CellKind, WireCell, WireOutput } from '../wire';

/** A cell as it goes over the wire, and the name under which the server is to keep it. */
export interface NamedCell {
  readonly kind: CellKind;
  readonly source: string;
  readonly outputs: readonly WireOutput[];
  /** Its execution count; 0 where it did not run. */
  readonly run: number;
  readonly hash: string;
}

/** A cell with the name that its content gives it. */
export function named(
  kind: CellKind,
  source: string,
  outputs: readonly WireOutput[],
  run = 0
): NamedCell {
  // The NUL keeps ("ab", "c") and ("a", "bc") apart.
  const parts = [kind, String(run), source, ...outputs.flatMap(({ kind, text }) => [kind, text])];
  return { kind, source, outputs, run, hash: contentHash(parts.join('\0')) };
}

/** Which cells the server holds for one page of a browser, so that a keystroke sends names instead of texts. */
export class KnownCells {
  /**
   * Cells as the next request is to hold them.
   *
   * The current cell changes with every key: it goes in full and without a name, so the server need not keep it.
   * The server keeps what the newest request named, and so does this. A cell counts as known once it was sent, not
   * once that was confirmed: where the request was lost on the way, the server asks for it (`forget`).
   */
  pack(cells: readonly NamedCell[], current: number): (WireCell | string)[] {
    const known = this._hashes;
    const others = cells.filter((_, index) => index !== current);
    this._hashes = new Set(others.map(cell => cell.hash));
    return cells.map((cell, index) => {
      if (index === current) {
        return { ...inFull(cell), hash: '' };
      }
      return known.has(cell.hash) ? cell.hash : inFull(cell);
    });
  }

  /** Takes back what the server says it does not hold. */
  forget(hashes: readonly string[]): void {
    hashes.forEach(hash => this._hashes.delete(hash));
  }

  private _hashes = new Set<string>();
}

function inFull(cell: NamedCell): WireCell {
  const { kind, source, outputs, run, hash } = cell;
  return { kind, source, outputs: [...outputs], hash, ...(run ? { run } : {}) };
}
