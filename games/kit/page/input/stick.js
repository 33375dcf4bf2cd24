/**
 * A joystick on a touch screen, centred where the thumb comes down.
 * @module
 */

/** @typedef {import("../world/types.js").Vec} Vec */

const REACH_PIXELS = 56;
const DEAD_SHARE = 0.16;

export class Stick {
  /** @type {number | null} */
  #pointer = null;
  #origin = { x: 0, y: 0 };
  #thumb = { x: 0, y: 0 };

  get held() {
    return this.#pointer !== null;
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (this.held) return;
    this.#pointer = event.pointerId;
    this.#origin = { x: event.clientX, y: event.clientY };
    this.#thumb = { ...this.#origin };
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#thumb = { x: event.clientX, y: event.clientY };
    const away = Math.hypot(this.#thumb.x - this.#origin.x, this.#thumb.y - this.#origin.y);
    // The base follows a thumb that moves beyond its reach, so that turning back takes effect at once.
    const excess = Math.max(0, 1 - REACH_PIXELS / Math.max(1, away));
    this.#origin.x += (this.#thumb.x - this.#origin.x) * excess;
    this.#origin.y += (this.#thumb.y - this.#origin.y) * excess;
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (event.pointerId === this.#pointer) this.reset();
  }

  reset() {
    this.#pointer = null;
  }

  /**
   * The displacement, up to a length of 1; null while the stick is centred or not held.
   * @returns {Vec | null}
   */
  get pushed() {
    if (!this.held) return null;
    const x = (this.#thumb.x - this.#origin.x) / REACH_PIXELS;
    const y = (this.#thumb.y - this.#origin.y) / REACH_PIXELS;
    return Math.hypot(x, y) < DEAD_SHARE ? null : { x, y };
  }

  /**
   * Expects the screen transform.
   * @param {CanvasRenderingContext2D} context
   * @param {string} colour
   */
  draw(context, colour) {
    if (!this.held) return;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = 2;
    context.globalAlpha = 0.35;
    context.beginPath();
    context.arc(this.#origin.x, this.#origin.y, REACH_PIXELS, 0, Math.PI * 2);
    context.stroke();
    context.globalAlpha = 0.1;
    context.fill();
    context.globalAlpha = 0.55;
    context.beginPath();
    context.arc(this.#thumb.x, this.#thumb.y, 22, 0, Math.PI * 2);
    context.fill();
    context.globalAlpha = 1;
  }
}
