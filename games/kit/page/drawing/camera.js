/**
 * The camera: the part of the world on the screen.
 * @module
 */

/** @typedef {import("../world/types.js").Vec} Vec */

/** On a screen of any shape the visible area is about that of a square with this side. */
const VISIBLE_UNITS = 920;
const MIN_SCALE = 0.68;
/** The width of the strip visible beyond the world's border, in units. */
const OUTSIDE_UNITS = 200;
/** The camera's offset in the direction in which the own ship aims, in units. */
const LOOK_AHEAD_UNITS = 70;
/** Rates of exponential decay, per second. */
const FOLLOW_RATE = 7;
const LOOK_RATE = 2.5;
const CALM_RATE = 1.6;
const SHAKE_PIXELS = 26;

export class Camera {
  x = 0;
  y = 0;
  /** CSS pixels per unit. */
  scale = 1;
  /** In CSS pixels. */
  width = 1;
  height = 1;
  #worldSize;
  #look = { x: 0, y: 0 };
  #focus = { x: 0, y: 0 };
  #shake = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  /** @param {number} worldSize Width and height of the world, in units. */
  constructor(worldSize) {
    this.#worldSize = worldSize;
  }

  /**
   * @param {number} width In CSS pixels.
   * @param {number} height
   */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.scale = Math.max(MIN_SCALE, Math.sqrt(width * height) / VISIBLE_UNITS);
  }

  /** @param {Vec} position */
  jumpTo(position) {
    this.#focus = { ...position };
    this.#look = { x: 0, y: 0 };
    this.x = position.x;
    this.y = position.y;
  }

  /**
   * Moves towards a ship; call {@link settle} afterwards.
   * @param {Vec} position
   * @param {number} aim
   * @param {number} seconds
   */
  follow(position, aim, seconds) {
    // Exponential decay gives the same path at any frame rate.
    const near = 1 - Math.exp(-FOLLOW_RATE * seconds);
    const turn = 1 - Math.exp(-LOOK_RATE * seconds);
    this.#focus.x += (position.x - this.#focus.x) * near;
    this.#focus.y += (position.y - this.#focus.y) * near;
    this.#look.x += (Math.cos(aim) * LOOK_AHEAD_UNITS - this.#look.x) * turn;
    this.#look.y += (Math.sin(aim) * LOOK_AHEAD_UNITS - this.#look.y) * turn;
  }

  /** @param {number} strength Up to 1. */
  shake(strength) {
    if (!this.#still.matches) this.#shake = Math.max(this.#shake, strength);
  }

  /**
   * Sets the position for this frame, with its shake.
   * @param {number} seconds
   */
  settle(seconds) {
    this.#shake = Math.max(0, this.#shake - CALM_RATE * seconds);
    const reach = (SHAKE_PIXELS * this.#shake ** 2) / this.scale;
    const offset = () => (Math.random() * 2 - 1) * reach;
    this.x = keepInside(this.#focus.x + this.#look.x, this.width / 2 / this.scale, this.#worldSize) + offset();
    this.y = keepInside(this.#focus.y + this.#look.y, this.height / 2 / this.scale, this.#worldSize) + offset();
  }

  /**
   * Returns true if any part of a disc may be on the screen.
   * @param {Vec} position
   * @param {number} radius
   */
  sees(position, radius) {
    return (
      Math.abs(position.x - this.x) < this.width / 2 / this.scale + radius &&
      Math.abs(position.y - this.y) < this.height / 2 / this.scale + radius
    );
  }

  /**
   * A world position in CSS pixels.
   * @param {Vec} position
   * @returns {Vec}
   */
  toScreen(position) {
    return {
      x: (position.x - this.x) * this.scale + this.width / 2,
      y: (position.y - this.y) * this.scale + this.height / 2,
    };
  }

  /**
   * Sets the screen transform: the context draws in CSS pixels.
   * @param {CanvasRenderingContext2D} context
   * @param {number} pixelRatio
   */
  screenTransform(context, pixelRatio) {
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  }

  /**
   * Sets the world transform: the context draws in world units.
   * @param {CanvasRenderingContext2D} context
   * @param {number} pixelRatio
   */
  worldTransform(context, pixelRatio) {
    const scale = this.scale * pixelRatio;
    const left = (this.width / 2) * pixelRatio - this.x * scale;
    const top = (this.height / 2) * pixelRatio - this.y * scale;
    context.setTransform(scale, 0, 0, scale, left, top);
  }
}

/**
 * Limits one coordinate of the view's centre so that little of the view lies outside the world.
 * @param {number} middle
 * @param {number} half Half the size of the view.
 * @param {number} worldSize
 */
function keepInside(middle, half, worldSize) {
  const nearest = half - OUTSIDE_UNITS;
  const farthest = worldSize - nearest;
  return nearest > farthest ? worldSize / 2 : Math.min(farthest, Math.max(nearest, middle));
}
