/**
 * The visible part of a map, and its zoom.
 * @module
 */

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ x: [number, number], y: [number, number] }} Bounds */

const MARGIN = 0.94;
/** At zoom 1 the whole world is visible. */
const MAX_ZOOM = 200;
const MIN_ZOOM = 0.5;

export class MapCamera {
  #bounds;
  #width = 1;
  #height = 1;
  #zoom = 1;
  /** @type {Point} The world position at the map's centre. */
  #middle;

  /** @param {Bounds} bounds */
  constructor(bounds) {
    this.#bounds = bounds;
    this.#middle = this.#centre();
  }

  /** CSS pixels per world unit. */
  get scale() {
    const [width, height] = [this.#bounds.x, this.#bounds.y].map(([low, high]) => Math.max(high - low, 1e-6));
    return Math.min(this.#width / width, this.#height / height) * MARGIN * this.#zoom;
  }

  get zoom() {
    return this.#zoom;
  }

  /**
   * @param {number} width in pixels
   * @param {number} height
   */
  resize(width, height) {
    [this.#width, this.#height] = [width, height];
  }

  /** Shows the whole world. */
  fit() {
    this.#zoom = 1;
    this.#middle = this.#centre();
  }

  /** @param {Point} point the new centre, in world units */
  centreOn(point) {
    this.#middle = { x: point.x, y: point.y };
  }

  /**
   * @param {number} dx in pixels
   * @param {number} dy
   */
  pan(dx, dy) {
    const { scale } = this;
    this.#middle = this.#clamp({ x: this.#middle.x - dx / scale, y: this.#middle.y - dy / scale });
  }

  /**
   * @param {number} factor
   * @param {Point} [fixed] the point that does not move, in pixels; by default the centre
   */
  zoomBy(factor, fixed = { x: this.#width / 2, y: this.#height / 2 }) {
    const before = this.toWorld(fixed);
    this.#zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, this.#zoom * factor));
    const after = this.toWorld(fixed);
    this.#middle = this.#clamp({ x: this.#middle.x + before.x - after.x, y: this.#middle.y + before.y - after.y });
  }

  /** @param {Point} point in world units */
  toScreen({ x, y }) {
    const { scale } = this;
    return { x: this.#width / 2 + (x - this.#middle.x) * scale, y: this.#height / 2 + (y - this.#middle.y) * scale };
  }

  /** @param {Point} point in pixels */
  toWorld({ x, y }) {
    const { scale } = this;
    return { x: this.#middle.x + (x - this.#width / 2) / scale, y: this.#middle.y + (y - this.#height / 2) / scale };
  }

  /** @returns {Point} */
  #centre() {
    const { x, y } = this.#bounds;
    return { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
  }

  /** @param {Point} point @returns {Point} the nearest point inside the world */
  #clamp({ x, y }) {
    const { x: across, y: down } = this.#bounds;
    return { x: Math.min(across[1], Math.max(across[0], x)), y: Math.min(down[1], Math.max(down[0], y)) };
  }
}
