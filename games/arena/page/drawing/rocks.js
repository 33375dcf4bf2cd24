/**
 * Draws rocks. Each rock's outline and spin are derived from its id.
 * @module
 */

import { seededRandom } from "/kit/drawing/random.js";
import { ROCK_RADIUS } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("/kit/world/types.js").Id} Id */
/** @typedef {import("../game/world.js").Rock} Rock */
/** @typedef {{ outline: Path2D, shade: Path2D, craters: Path2D, spin: number, start: number }} Shape */

const FILL = "#171d30";
const SHADE = "#0f1424";
const EDGE = "#8b9cc9";
const CRATER = "rgb(139 156 201 / 0.38)";

export class Rocks {
  /** @type {Map<Id, Shape>} */
  #shapes = new Map();

  /**
   * Expects the world transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   * @param {Rock[]} rocks
   * @param {number} now In seconds.
   */
  draw(context, camera, rocks, now) {
    context.lineJoin = "round";
    for (const rock of rocks) {
      if (!camera.sees(rock.position, ROCK_RADIUS[rock.size] * 1.2)) continue;
      const shape = this.#shapeOf(rock);
      context.save();
      context.translate(rock.position.x, rock.position.y);
      context.rotate(shape.start + shape.spin * now);
      context.fillStyle = FILL;
      context.fill(shape.outline);
      context.fillStyle = SHADE;
      context.fill(shape.shade);
      context.lineWidth = 1.3;
      context.strokeStyle = CRATER;
      context.stroke(shape.craters);
      context.lineWidth = 2;
      context.strokeStyle = EDGE;
      context.stroke(shape.outline);
      context.restore();
    }
  }

  /** @param {Id} id */
  forget(id) {
    this.#shapes.delete(id);
  }

  /** @param {Rock} rock */
  #shapeOf(rock) {
    let shape = this.#shapes.get(rock.id);
    if (!shape) {
      shape = makeShape(rock);
      this.#shapes.set(rock.id, shape);
    }
    return shape;
  }
}

/**
 * @param {Rock} rock
 * @returns {Shape}
 */
function makeShape(rock) {
  const random = seededRandom(rock.id);
  const radius = ROCK_RADIUS[rock.size];
  const corners = { Small: 8, Medium: 10, Large: 13 }[rock.size];
  const points = Array.from({ length: corners }, (_, corner) => {
    const angle = ((corner + (random() - 0.5) * 0.55) / corners) * Math.PI * 2;
    const distance = radius * (0.84 + random() * 0.26);
    return { x: Math.cos(angle) * distance, y: Math.sin(angle) * distance };
  });
  const outline = new Path2D();
  for (const { x, y } of points) outline.lineTo(x, y);
  outline.closePath();

  // One side of the rock is a little darker, up to a ridge near its middle.
  const shade = new Path2D();
  for (const { x, y } of points.slice(0, Math.ceil(corners / 2) + 1)) shade.lineTo(x, y);
  shade.lineTo((random() - 0.5) * radius * 0.6, (random() - 0.5) * radius * 0.6);
  shade.closePath();

  const craters = new Path2D();
  const count = { Small: 1, Medium: 2, Large: 4 }[rock.size];
  for (let crater = 0; crater < count; crater += 1) {
    const angle = ((crater + random() * 0.6) / count) * Math.PI * 2;
    const distance = radius * (0.25 + random() * 0.3);
    const size = radius * (0.09 + random() * 0.12);
    const [x, y] = [Math.cos(angle) * distance, Math.sin(angle) * distance];
    craters.moveTo(x + size, y);
    craters.ellipse(x, y, size, size * 0.8, 0, 0, Math.PI * 2);
  }
  const spin = (random() - 0.5) * (rock.size === "Large" ? 0.5 : 1.4);
  return { outline, shade, craters, spin, start: random() * Math.PI * 2 };
}
