/**
 * Pans and zooms a map by mouse, touch and keyboard.
 * @module
 */

/** @typedef {import("./map-camera.js").MapCamera} MapCamera */
/** @typedef {import("./map-camera.js").Point} Point */

const WHEEL = 0.0016;
const KEY_ZOOM = 1.4;
const KEY_PIXELS = 60;
/** A pointer that moves less than this has clicked. */
const CLICK_PIXELS = 5;

/**
 * @typedef {object} Listener
 * @property {() => void} moved the user has moved the map
 * @property {() => void} clicked the user has clicked at `at`
 */

export class MapPointer {
  /** The pointer's position on the map, in pixels. @type {Point | undefined} */
  at;
  #canvas;
  #camera;
  #listener;
  /** Pressed pointers, by id. @type {Map<number, Point>} */
  #down = new Map();
  #travelled = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapCamera} camera
   * @param {Listener} listener
   */
  constructor(canvas, camera, listener) {
    this.#canvas = canvas;
    this.#camera = camera;
    this.#listener = listener;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", (event) => this.#down.delete(event.pointerId));
    canvas.addEventListener("pointerleave", () => (this.at = undefined));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {PointerEvent} event */
  #press(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.at = pointOf(event);
    this.#down.set(event.pointerId, this.at);
    if (this.#down.size === 1) this.#travelled = 0;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const now = pointOf(event);
    const before = this.#down.get(event.pointerId);
    this.at = now;
    if (!before) return;
    this.#travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    this.#down.set(event.pointerId, now);
    if (this.#travelled < CLICK_PIXELS) return;
    this.#listener.moved();
    if (!other) {
      this.#camera.pan(now.x - before.x, now.y - before.y);
      return;
    }
    const [distance, distanceBefore] = [now, before].map((point) => Math.hypot(point.x - other.x, point.y - other.y));
    if (distanceBefore > 0) this.#camera.zoomBy(distance / distanceBefore, other);
  }

  /** @param {PointerEvent} event */
  #release(event) {
    const clicked = this.#down.size === 1 && this.#travelled < CLICK_PIXELS;
    this.#down.delete(event.pointerId);
    if (clicked) this.#listener.clicked();
    // A lifted finger no longer points at anything.
    if (event.pointerType !== "mouse") this.at = undefined;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.#camera.zoomBy(Math.exp(-event.deltaY * WHEEL), pointOf(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => this.#camera.zoomBy(KEY_ZOOM),
      "=": () => this.#camera.zoomBy(KEY_ZOOM),
      "-": () => this.#camera.zoomBy(1 / KEY_ZOOM),
      0: () => this.#camera.fit(),
      ArrowLeft: () => this.#camera.pan(KEY_PIXELS, 0),
      ArrowRight: () => this.#camera.pan(-KEY_PIXELS, 0),
      ArrowUp: () => this.#camera.pan(0, KEY_PIXELS),
      ArrowDown: () => this.#camera.pan(0, -KEY_PIXELS),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    if (event.key.startsWith("Arrow") || event.key === "0") this.#listener.moved();
    action();
  }
}

/** @param {MouseEvent} event @returns {Point} */
function pointOf({ offsetX, offsetY }) {
  return { x: offsetX, y: offsetY };
}
