/**
 * Draws creatures: grazers drift like jellyfish, hunters look like sharks.
 * @module
 */

import { Courses } from "/kit/world/courses.js";
import { Flashes } from "/kit/drawing/flashes.js";
import { drawGlow } from "/kit/drawing/sprites.js";

/** @typedef {import("/kit/world/types.js").Id} Id */
/** @typedef {import("../game/world.js").Creature} Creature */
/** @typedef {{ angle: number, beat: number }} Pose */

const GRAZER = "hsl(182 70% 66%)";
const HUNTER = "hsl(350 92% 62%)";
/** Rates of exponential decay of the remaining turn, per second. */
const TURN_RATE = { Grazer: 1.6, Hunter: 7 };
const BEATS_PER_SECOND = { Grazer: 0.45, Hunter: 1.1 };
/** Alarmed creatures turn and beat faster by this factor. */
const ALARM_FACTOR = 2.6;

const HUNTER_BODY = new Path2D("M26 0 C18 5 10 9 0 9 L-6 20 L-11 8 L-20 3 L-20 -3 L-11 -8 L-6 -20 L0 -9 C10 -9 18 -5 26 0 Z");
const HUNTER_RIDGE = new Path2D("M18 0 L-18 0 M6 0 L0 8 M6 0 L0 -8 M-3 0 L-8 7 M-3 0 L-8 -7");

/** @param {Creature["kind"]} kind */
export function colourOfCreature(kind) {
  return kind === "Hunter" ? HUNTER : GRAZER;
}

export class Creatures {
  flashes = new Flashes();
  #courses = new Courses();
  /** @type {Map<Id, Pose>} */
  #poses = new Map();

  /**
   * Expects the world transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Creature[]} creatures
   * @param {number} seconds Since the last frame.
   */
  draw(context, creatures, seconds) {
    this.flashes.advance(seconds);
    for (const creature of creatures) {
      const { kind, position, alarmed } = creature;
      const pose = this.#advance(creature, seconds);
      context.globalCompositeOperation = "lighter";
      context.globalAlpha = alarmed ? 0.42 : 0.2;
      drawGlow(context, colourOfCreature(kind), position.x, position.y, alarmed ? 62 : 48);
      context.globalAlpha = 1;
      context.globalCompositeOperation = "source-over";
      context.save();
      context.translate(position.x, position.y);
      context.rotate(pose.angle);
      if (kind === "Hunter") drawHunter(context, pose.beat, alarmed, this.flashes.of(creature.id));
      else drawGrazer(context, pose.beat, this.flashes.of(creature.id));
      context.restore();
    }
  }

  /** @param {Id} id */
  forget(id) {
    this.#courses.forget(id);
    this.#poses.delete(id);
  }

  /**
   * @param {Creature} creature
   * @param {number} seconds
   */
  #advance({ id, kind, position, alarmed }, seconds) {
    const course = this.#courses.follow(id, position);
    let pose = this.#poses.get(id);
    if (!pose || course.travelled === 0) {
      // Until it has moved, its direction is derived from its id.
      pose = { angle: (id * 2.4) % (Math.PI * 2), beat: id % 7 };
      this.#poses.set(id, pose);
      return pose;
    }
    const haste = alarmed ? ALARM_FACTOR : 1;
    const turn = Math.atan2(Math.sin(course.angle - pose.angle), Math.cos(course.angle - pose.angle));
    pose.angle += turn * (1 - Math.exp(-TURN_RATE[kind] * haste * seconds));
    pose.beat += BEATS_PER_SECOND[kind] * haste * seconds * Math.PI * 2;
    return pose;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} beat
 * @param {number} hurt
 */
function drawGrazer(context, beat, hurt) {
  const squeeze = Math.sin(beat);
  const [length, width] = [15 + squeeze * 2.2, 16 - squeeze * 2.4];
  context.lineCap = "round";
  context.strokeStyle = "hsl(182 70% 70% / 0.55)";
  for (let arm = -3; arm <= 3; arm += 1) {
    const y = (arm / 3) * width * 0.72;
    const reach = 19 + 9 * Math.cos(arm * 0.8) - squeeze * 4;
    const sway = (/** @type {number} */ along) => Math.sin(beat - along * 2.2 + arm * 0.7) * 5 * along;
    context.lineWidth = arm % 2 === 0 ? 2 : 1.1;
    context.beginPath();
    context.moveTo(-3, y);
    context.quadraticCurveTo(-3 - reach * 0.5, y + sway(0.5), -3 - reach, y * 0.7 + sway(1));
    context.stroke();
  }
  const bell = new Path2D();
  bell.moveTo(-5, -width);
  bell.bezierCurveTo(length * 1.25, -width, length * 1.25, width, -5, width);
  bell.quadraticCurveTo(-1, width * 0.45, -4, width * 0.3);
  bell.quadraticCurveTo(0, 0, -4, -width * 0.3);
  bell.quadraticCurveTo(-1, -width * 0.45, -5, -width);
  context.fillStyle = "hsl(190 62% 30% / 0.72)";
  context.fill(bell);
  context.strokeStyle = GRAZER;
  context.lineWidth = 1.7;
  context.stroke(bell);
  context.fillStyle = "hsl(172 90% 82% / 0.75)";
  for (const y of [-0.36, 0, 0.36]) {
    context.beginPath();
    context.ellipse(2, y * width, 3.2 + squeeze * 0.5, 2, 0, 0, Math.PI * 2);
    context.fill();
  }
  flash(context, bell, hurt);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} beat
 * @param {boolean} alarmed
 * @param {number} hurt
 */
function drawHunter(context, beat, alarmed, hurt) {
  const wag = Math.sin(beat) * 7;
  context.lineJoin = "round";
  context.strokeStyle = HUNTER;
  context.lineWidth = 2;
  // The tail with its fin.
  context.fillStyle = "hsl(348 60% 16%)";
  context.beginPath();
  context.moveTo(-18, 3);
  context.quadraticCurveTo(-27, 2 + wag * 0.4, -33, wag);
  context.lineTo(-42, wag + 8);
  context.lineTo(-38, wag);
  context.lineTo(-42, wag - 8);
  context.lineTo(-33, wag);
  context.quadraticCurveTo(-27, -2 + wag * 0.4, -18, -3);
  context.fill();
  context.stroke();
  context.fillStyle = alarmed ? "hsl(348 62% 22%)" : "hsl(348 55% 14%)";
  context.fill(HUNTER_BODY);
  context.stroke(HUNTER_BODY);
  context.lineWidth = 1;
  context.globalAlpha = 0.5;
  context.stroke(HUNTER_RIDGE);
  context.globalAlpha = 1;
  // The jaws open while it hunts.
  const gape = alarmed ? 5 + 2.5 * Math.sin(beat * 2) : 0.8;
  context.fillStyle = "#fff1ec";
  for (const side of [-1, 1]) {
    context.beginPath();
    context.moveTo(17, side * 3);
    context.lineTo(32, side * (1 + gape));
    context.lineTo(23, side * (5.5 + gape * 0.3));
    context.fill();
  }
  for (const side of [-1, 1]) {
    if (alarmed) drawGlow(context, "hsl(46 100% 66%)", 11, side * 5, 9);
    context.fillStyle = alarmed ? "#fff3b0" : "hsl(28 90% 60%)";
    context.beginPath();
    context.ellipse(11, side * 5, 2.4, 1.4, side * 0.5, 0, Math.PI * 2);
    context.fill();
  }
  flash(context, HUNTER_BODY, hurt);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} shape
 * @param {number} hurt
 */
function flash(context, shape, hurt) {
  if (hurt <= 0) return;
  context.globalAlpha = hurt;
  context.fillStyle = "#ffffff";
  context.fill(shape);
  context.globalAlpha = 1;
}
