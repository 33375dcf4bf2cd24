/**
 * Draws crystals. Each crystal's shape, tint and glint are derived from its id.
 * @module
 */

import { seededRandom } from "/kit/drawing/random.js";
import { drawGlow } from "/kit/drawing/sprites.js";
import { MINERAL_TINTS } from "./palette.js";

/** @typedef {import("/kit/world/types.js").Id} Id */
/** @typedef {import("../game/world.js").Crystal} Crystal */
/** @typedef {{ facets: { light: Path2D, dark: Path2D }[], glint: number, turn: number }} Shape */

/** The angles of a crystal's prisms in radians, the largest prism first. */
const FAN = [0, 0.75, -0.8, 1.55, -1.6, 3.1];
const GLINT_SECONDS = 3.2;

/** @param {Crystal} crystal */
export function colourOfCrystal(crystal) {
  return tintOf(crystal).glow;
}

export class Crystals {
  /** @type {Map<Id, Shape>} */
  #shapes = new Map();

  /**
   * Expects the world transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Crystal[]} crystals
   * @param {number} now In seconds.
   */
  draw(context, crystals, now) {
    for (const crystal of crystals) this.#drawOne(context, crystal, now);
  }

  /** @param {Id} id */
  forget(id) {
    this.#shapes.delete(id);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Crystal} crystal
   * @param {number} now
   */
  #drawOne(context, crystal, now) {
    const { position, amount } = crystal;
    const shape = this.#shapeOf(crystal.id);
    const tint = tintOf(crystal);
    const size = 9 + amount * 1.1;
    const pulse = 0.5 + 0.5 * Math.sin(now * 1.3 + shape.glint * 9);
    context.globalCompositeOperation = "lighter";
    context.globalAlpha = 0.26 + 0.1 * pulse;
    drawGlow(context, tint.glow, position.x, position.y, size * 2.7);
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 1;

    context.save();
    context.translate(position.x, position.y);
    context.rotate(shape.turn);
    context.scale(size, size);
    context.lineWidth = 1.1 / size;
    context.strokeStyle = tint.light;
    // The less a crystal holds, the fewer prisms it has left. The largest one is drawn last, in front.
    for (const { light, dark } of shape.facets.slice(0, 1 + Math.ceil(amount / 2)).reverse()) {
      context.fillStyle = tint.dark;
      context.fill(dark);
      context.fillStyle = tint.glow;
      context.fill(light);
      context.stroke(light);
    }
    context.restore();
    drawGlint(context, position.x, position.y, size, (now / GLINT_SECONDS + shape.glint) % 1);
  }

  /** @param {Id} id */
  #shapeOf(id) {
    let shape = this.#shapes.get(id);
    if (!shape) {
      shape = makeShape(id);
      this.#shapes.set(id, shape);
    }
    return shape;
  }
}

/** @param {Crystal} crystal */
function tintOf({ id, mineral }) {
  const tints = MINERAL_TINTS[mineral];
  return tints[id % tints.length];
}

/**
 * Prisms that fan out from one point, each with a lit and a shaded side. The first is the largest.
 * @param {Id} id
 * @returns {Shape}
 */
function makeShape(id) {
  const random = seededRandom(id);
  const facets = FAN.map((lean, index) => {
    const angle = lean + (random() - 0.5) * 0.3;
    const length = (index === 0 ? 1.5 : 1.15 - index * 0.1) * (0.85 + random() * 0.3);
    const width = 0.26 - index * 0.02 + random() * 0.05;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const at = (/** @type {number} */ along, /** @type {number} */ across) =>
      /** @type {const} */ ([c * along - s * across, s * along + c * across]);
    const [light, dark] = [1, -1].map((side) => {
      const half = new Path2D();
      half.moveTo(...at(-0.25, 0));
      half.lineTo(...at(-0.1, width * 0.7 * side));
      half.lineTo(...at(length * 0.8, width * side));
      half.lineTo(...at(length, 0));
      half.closePath();
      return half;
    });
    return { light, dark };
  });
  return { facets, glint: random(), turn: random() * Math.PI * 2 };
}

/**
 * Draws a sparkle during a short part of its period.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} phase 0 to 1.
 */
function drawGlint(context, x, y, size, phase) {
  const strength = Math.max(0, 1 - Math.abs(phase - 0.5) * 14);
  if (strength === 0) return;
  const reach = size * 1.5 * strength;
  context.save();
  context.globalCompositeOperation = "lighter";
  context.globalAlpha = strength;
  context.translate(x, y);
  context.fillStyle = "#ffffff";
  context.beginPath();
  for (let point = 0; point < 8; point += 1) {
    const angle = (point / 8) * Math.PI * 2;
    const radius = point % 2 === 0 ? reach : reach * 0.12;
    context.lineTo(Math.cos(angle) * radius, Math.sin(angle) * radius);
  }
  context.fill();
  context.restore();
}
