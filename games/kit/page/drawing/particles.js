/**
 * Sparks, debris, shock waves and smoke. They are decoration: the game's rules do not depend on them.
 * @module
 */

import { SHIP_RADIUS } from "./ships.js";
import { drawGlow } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {import("./colours.js").Colours} Colours */
/** @typedef {import("./ships.js").Ship} Ship */

/**
 * @typedef {object} Particle
 * @property {number} x
 * @property {number} y
 * @property {number} vx Units per second.
 * @property {number} vy
 * @property {number} drag The rate of exponential decay of its speed, per second.
 * @property {number} life Seconds.
 * @property {number} age Seconds.
 * @property {number} size
 * @property {string} colour
 */
/** @typedef {{ x: number, y: number, reach: number, life: number, age: number, colour: string }} Wave */
/** @typedef {Particle & { angle: number, spin: number }} Shard */

const MAX_PARTICLES = 900;
const SMOKE_PER_SECOND = 70;
export const HOT = "hsl(36 100% 66%)";
export const WHITE = "hsl(0 0% 100%)";

export class Particles {
  /** @type {Particle[]} */
  #particles = [];
  /** @type {Shard[]} */
  #shards = [];
  /** @type {Wave[]} */
  #waves = [];

  /**
   * @param {Vec} at
   * @param {Colours} colours
   */
  explodeShip(at, { main, light }) {
    this.flash(at, 90, 0.2, WHITE);
    this.flash(at, 200, 0.6, main);
    this.burst(at, 64, 480, 1.3, 12, [main, main, HOT, WHITE]);
    this.burst(at, 14, 150, 1.6, 38, [main, HOT, main]);
    this.shatter(at, 12, 280, 8, light);
    this.wave(at, 170, 0.75, main);
    this.wave(at, 90, 0.4, WHITE);
  }

  /**
   * A ship that appears or leaves without being destroyed.
   * @param {Vec} at
   * @param {Colours} colours
   */
  warp(at, { main }) {
    this.wave(at, 70, 0.5, main);
    this.burst(at, 14, 130, 0.5, 7, [main, WHITE]);
  }

  /**
   * @param {Vec} at
   * @param {Colours} colours
   */
  hitShip(at, { main }) {
    this.burst(at, 10, 220, 0.45, 7, [main, WHITE, HOT]);
  }

  /**
   * A shot that ends without hitting anything.
   * @param {Vec} at
   * @param {Colours} colours
   */
  fizzle(at, { main }) {
    this.burst(at, 5, 120, 0.3, 6, [main, WHITE]);
  }

  /**
   * Smoke behind a thrusting ship.
   * @param {Pick<Ship, "position" | "heading">} ship
   * @param {Colours} colours
   * @param {number} seconds
   */
  smoke(ship, colours, seconds) {
    // A fractional particle is the probability of one more, so that the frame rate does not matter.
    const puffs = Math.floor(SMOKE_PER_SECOND * seconds + Math.random());
    for (let puff = 0; puff < puffs; puff += 1) this.#puff(ship, colours);
  }

  /**
   * @param {Pick<Ship, "position" | "heading">} ship
   * @param {Colours} colours
   */
  #puff(ship, { main }) {
    const angle = ship.heading + Math.PI + (Math.random() - 0.5) * 0.5;
    const speed = 60 + Math.random() * 90;
    this.#particles.push({
      x: ship.position.x - Math.cos(ship.heading) * SHIP_RADIUS,
      y: ship.position.y - Math.sin(ship.heading) * SHIP_RADIUS,
      vx: Math.cos(angle) * speed,
      vy: Math.sin(angle) * speed,
      drag: 2,
      life: 0.3 + Math.random() * 0.5,
      age: 0,
      size: 7 + Math.random() * 5,
      colour: Math.random() < 0.4 ? HOT : main,
    });
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.#particles = this.#particles.slice(-MAX_PARTICLES).filter((particle) => move(particle, seconds));
    this.#shards = this.#shards.slice(-MAX_PARTICLES).filter((shard) => {
      shard.angle += shard.spin * seconds;
      return move(shard, seconds);
    });
    this.#waves = this.#waves.filter((wave) => (wave.age += seconds) < wave.life);
  }

  /**
   * Expects the world transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  draw(context, camera) {
    context.globalCompositeOperation = "lighter";
    for (const particle of this.#particles) {
      if (!camera.sees(particle, particle.size)) continue;
      const left = 1 - particle.age / particle.life;
      context.globalAlpha = left;
      drawGlow(context, particle.colour, particle.x, particle.y, particle.size * (0.4 + 0.6 * left));
    }
    for (const wave of this.#waves) {
      if (!camera.sees(wave, wave.reach)) continue;
      const done = wave.age / wave.life;
      context.globalAlpha = (1 - done) ** 2 * 0.8;
      context.strokeStyle = wave.colour;
      context.lineWidth = 1 + 7 * (1 - done);
      context.beginPath();
      context.arc(wave.x, wave.y, wave.reach * (1 - (1 - done) ** 3), 0, Math.PI * 2);
      context.stroke();
    }
    context.lineCap = "round";
    context.lineWidth = 2;
    for (const shard of this.#shards) {
      if (!camera.sees(shard, shard.size)) continue;
      const [dx, dy] = [Math.cos(shard.angle) * shard.size, Math.sin(shard.angle) * shard.size];
      context.globalAlpha = 1 - shard.age / shard.life;
      context.strokeStyle = shard.colour;
      context.beginPath();
      context.moveTo(shard.x - dx, shard.y - dy);
      context.lineTo(shard.x + dx, shard.y + dy);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
  }

  /**
   * @param {Vec} at
   * @param {number} size
   * @param {number} life
   * @param {string} colour
   */
  flash(at, size, life, colour) {
    this.#particles.push({ x: at.x, y: at.y, vx: 0, vy: 0, drag: 0, life, age: 0, size, colour });
  }

  /**
   * @param {Vec} at
   * @param {number} reach
   * @param {number} life
   * @param {string} colour
   */
  wave(at, reach, life, colour) {
    this.#waves.push({ x: at.x, y: at.y, reach, life, age: 0, colour });
  }

  /**
   * @param {Vec} from
   * @param {number} count
   * @param {number} speed The highest speed.
   * @param {number} life The longest life.
   * @param {number} size The largest size.
   * @param {string[]} colours
   */
  burst(from, count, speed, life, size, colours) {
    for (let index = 0; index < count; index += 1) {
      this.#particles.push(scatter(from, speed, life, size, colours[index % colours.length]));
    }
  }

  /**
   * @param {Vec} from
   * @param {number} count
   * @param {number} speed
   * @param {number} size
   * @param {string} colour
   */
  shatter(from, count, speed, size, colour) {
    for (let index = 0; index < count; index += 1) {
      const shard = scatter(from, speed, 1.2, size, colour);
      this.#shards.push({ ...shard, angle: Math.random() * Math.PI, spin: (Math.random() - 0.5) * 14 });
    }
  }
}

/**
 * @param {Vec} from
 * @param {number} speed
 * @param {number} life
 * @param {number} size
 * @param {string} colour
 * @returns {Particle}
 */
function scatter(from, speed, life, size, colour) {
  const angle = Math.random() * Math.PI * 2;
  const pace = speed * (0.15 + 0.85 * Math.random());
  return {
    x: from.x,
    y: from.y,
    vx: Math.cos(angle) * pace,
    vy: Math.sin(angle) * pace,
    drag: 2.4,
    life: life * (0.45 + 0.55 * Math.random()),
    age: 0,
    size: size * (0.5 + 0.5 * Math.random()),
    colour,
  };
}

/**
 * Moves a particle. Returns false at the end of its life.
 * @param {Particle} particle
 * @param {number} seconds
 */
function move(particle, seconds) {
  const kept = Math.exp(-particle.drag * seconds);
  particle.vx *= kept;
  particle.vy *= kept;
  particle.x += particle.vx * seconds;
  particle.y += particle.vy * seconds;
  particle.age += seconds;
  return particle.age < particle.life;
}
