/**
 * Effects of the frontier: crystals, mining, creatures and banking.
 * @module
 */

import { Particles, WHITE } from "/kit/drawing/particles.js";
import { colourOfCrystal } from "./crystals.js";
import { colourOfCreature } from "./creatures.js";

/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("../game/world.js").Creature} Creature */
/** @typedef {import("../game/world.js").Crystal} Crystal */

const DIG_SPARKS_PER_SECOND = 26;

export class Effects extends Particles {
  /** @param {Crystal} crystal */
  breakCrystal(crystal) {
    const colour = colourOfCrystal(crystal);
    this.flash(crystal.position, 46, 0.3, WHITE);
    this.burst(crystal.position, 12, 140, 0.6, 9, [colour, WHITE]);
    this.shatter(crystal.position, 7, 130, 5, colour);
  }

  /**
   * Sparks where a mining beam meets a crystal.
   * @param {Crystal} crystal
   * @param {number} seconds
   */
  dig(crystal, seconds) {
    const sparks = Math.floor(DIG_SPARKS_PER_SECOND * seconds + Math.random());
    this.burst(crystal.position, sparks, 120, 0.5, 6, [colourOfCrystal(crystal)]);
  }

  /** @param {Creature} creature */
  burstCreature(creature) {
    const colour = colourOfCreature(creature.kind);
    this.flash(creature.position, 90, 0.3, colour);
    this.burst(creature.position, 34, 240, 1, 14, [colour, colour, WHITE]);
    this.wave(creature.position, 80, 0.5, colour);
  }

  /** @param {Creature} creature */
  hitCreature(creature) {
    this.burst(creature.position, 9, 170, 0.45, 8, [colourOfCreature(creature.kind), WHITE]);
  }

  /**
   * A ship that has banked its cargo at a station.
   * @param {Vec} at
   */
  bank(at) {
    for (const reach of [60, 110, 170]) this.wave(at, reach, reach / 160, "hsl(160 85% 66%)");
    this.burst(at, 24, 190, 0.9, 8, ["hsl(160 85% 66%)", WHITE]);
  }
}
