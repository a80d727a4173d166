/** Scrolling goes by whole pixels, what is scrolled does not. */
const ROUNDING_PX = 2;

/**
 * Keeps the end of a node in view while the node grows, for as long as the reader leaves it there, and never at the
 * price of its beginning.
 *
 * @returns what ends this.
 */
export function keepEndInView(node: HTMLElement): () => void {
  let { height } = node.getBoundingClientRect();
  const observer = new ResizeObserver(() => {
    const { top, bottom } = node.getBoundingClientRect();
    const before = top + height;
    height = bottom - top;
    const scroller = node.closest('.jp-WindowedPanel-outer');
    if (!scroller) {
      return;
    }
    const view = scroller.getBoundingClientRect();
    const hidden = Math.min(bottom - view.bottom, top - view.top);
    if (before < view.bottom + ROUNDING_PX && hidden > 0) {
      scroller.scrollTop += hidden;
    }
  });
  observer.observe(node);
  return () => observer.disconnect();
}
