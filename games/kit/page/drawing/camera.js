/**
 * Which part of the world is on the screen.
 * @module
 */

/** @typedef {{ x: number, y: number }} Vec */

/** The world shown on a screen of any shape has about the area of a square of this many units. */
const VISIBLE_UNITS = 920;
const SMALLEST_SCALE = 0.68;
/** How far beyond the border it shows, in units. */
const OUTSIDE_UNITS = 200;
/** How far it looks ahead to where the own ship aims, in units. */
const LOOK_AHEAD = 70;
/** Shares of the remaining distance covered in a second, as the exponents of a decay. */
const FOLLOW_RATE = 7;
const LOOK_RATE = 2.5;
const CALM_RATE = 1.6;
const SHAKE_PIXELS = 26;

export class Camera {
  x = 0;
  y = 0;
  /** CSS pixels to a unit. */
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
    this.scale = Math.max(SMALLEST_SCALE, Math.sqrt(width * height) / VISIBLE_UNITS);
  }

  /** @param {Vec} position */
  jumpTo(position) {
    this.#focus = { ...position };
    this.#look = { x: 0, y: 0 };
    this.x = position.x;
    this.y = position.y;
  }

  /**
   * Moves towards a ship.
   * @param {Vec} position
   * @param {number} aim
   * @param {number} seconds
   */
  follow(position, aim, seconds) {
    // A decay gives the same path at any frame rate.
    const near = 1 - Math.exp(-FOLLOW_RATE * seconds);
    const turn = 1 - Math.exp(-LOOK_RATE * seconds);
    this.#focus.x += (position.x - this.#focus.x) * near;
    this.#focus.y += (position.y - this.#focus.y) * near;
    this.#look.x += (Math.cos(aim) * LOOK_AHEAD - this.#look.x) * turn;
    this.#look.y += (Math.sin(aim) * LOOK_AHEAD - this.#look.y) * turn;
  }

  /** @param {number} strength Up to 1. */
  shake(strength) {
    if (!this.#still.matches) this.#shake = Math.max(this.#shake, strength);
  }

  /** @param {number} seconds */
  settle(seconds) {
    this.#shake = Math.max(0, this.#shake - CALM_RATE * seconds);
    const reach = (SHAKE_PIXELS * this.#shake ** 2) / this.scale;
    const wander = () => (Math.random() * 2 - 1) * reach;
    this.x = keepInside(this.#focus.x + this.#look.x, this.width / 2 / this.scale, this.#worldSize) + wander();
    this.y = keepInside(this.#focus.y + this.#look.y, this.height / 2 / this.scale, this.#worldSize) + wander();
  }

  /**
   * Whether any of a disc can be on the screen.
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
   * In CSS pixels.
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
   * Makes a context draw in CSS pixels.
   * @param {CanvasRenderingContext2D} context
   * @param {number} pixelRatio
   */
  screenTransform(context, pixelRatio) {
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  }

  /**
   * Makes a context draw in units of the world.
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
 * Where the middle of the view has to be so that little of it lies outside the world.
 * @param {number} middle
 * @param {number} half Half the size of the view.
 * @param {number} worldSize
 */
function keepInside(middle, half, worldSize) {
  const nearest = half - OUTSIDE_UNITS;
  const farthest = worldSize - nearest;
  return nearest > farthest ? worldSize / 2 : Math.min(farthest, Math.max(nearest, middle));
}
