// Pointers over the chart: hover and click, drag to move, wheel with Ctrl or two fingers to zoom. One finger up and down still scrolls the page.

/**
 * @typedef {{ x: number, y: number }} At
 * @typedef {{
 *   hover(at: At | null): void, pick(at: At): void, pan(dx: number, dy: number): void, zoom(factor: number, at: At): void, reset(): void }} Gestures
 */

/** How far a pointer may stray and still have clicked. */
const slack = 5;

/** @type {(element: HTMLElement, gestures: Gestures) => void} */
export function followPointers(element, gestures) {
  /** @type {Map<number, At>} */
  const down = new Map();
  let moved = 0;
  let waiting = false;
  /** @type {At | null} */
  let last = null;

  /** @type {(event: MouseEvent) => At} */
  const at = event => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const middle = () => { const [a, b] = [...down.values()]; return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }; };
  const spread = () => { const [a, b] = [...down.values()]; return Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)); };

  element.style.touchAction = 'pan-y';
  element.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    if (down.size === 0) moved = 0;
    if (down.size < 2) down.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', event => {
    const now = at(event), before = down.get(event.pointerId);
    if (!before) {
      // Hovering answers once a frame, however fast the mouse reports.
      last = now;
      if (!waiting) requestAnimationFrame(() => { waiting = false; gestures.hover(last); });
      waiting = true;
      return;
    }
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved < slack) return;
    gestures.hover(null);
    if (down.size === 1) {
      gestures.pan(now.x - before.x, now.y - before.y);
      down.set(event.pointerId, now);
    } else {
      const [wide, centre] = [spread(), middle()];
      down.set(event.pointerId, now);
      gestures.zoom(wide / spread(), middle());
      gestures.pan(middle().x - centre.x, middle().y - centre.y);
    }
  });
  const up = (/** @type {PointerEvent} */ event) => {
    if (down.delete(event.pointerId) && down.size === 0 && moved < slack && event.type === 'pointerup') {
      gestures.hover(at(event));
      gestures.pick(at(event));
    }
  };
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('pointerleave', () => { last = null; gestures.hover(null); });
  element.addEventListener('dblclick', () => gestures.reset());
  element.addEventListener('wheel', event => {
    // Without Ctrl the wheel is the page's; a pinch on a touchpad comes with it.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    gestures.zoom(Math.exp(Math.sign(event.deltaY) * Math.min(0.3, Math.abs(event.deltaY) / 300)), at(event));
  }, { passive: false });
}
