/**
 * Effects of the arena: exploding rocks.
 * @module
 */

import { HOT, Particles } from "/kit/drawing/particles.js";
import { ROCK_RADIUS } from "../game/world.js";

/** @typedef {import("../game/world.js").Rock} Rock */

const DUST = "hsl(222 30% 62%)";

export class Effects extends Particles {
  /** @param {Rock} rock */
  explodeRock({ position, size }) {
    const radius = ROCK_RADIUS[size];
    this.flash(position, radius * 1.6, 0.22, HOT);
    this.burst(position, 8 + radius / 3, 60 + radius * 2.6, 0.7, 6 + radius / 10, [DUST, HOT]);
    this.shatter(position, 4 + radius / 7, 50 + radius * 2.4, 3 + radius / 9, "hsl(222 36% 70%)");
    this.wave(position, radius * 1.7, 0.35, DUST);
  }
}
