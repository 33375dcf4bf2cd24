/**
 * What the own pilot can see of a world. There may be more of it in the page than that, and less.
 * @module
 */

import { VIEW_RADIUS, distanceOf } from "./world.js";

/** @typedef {import("/kit/drawing/camera.js").Vec} Vec */
/** @typedef {import("./world.js").World} World */
/** @typedef {Pick<World, "ships" | "crystals" | "creatures" | "shots" | "markers"> & { eye: Vec }} Seen */

/** A respawn takes the eye farther than this from one frame to the next, and nothing else does. */
const LEAP_UNITS = 150;
/** What is lost sight of nearer than this has not gone out of sight: it is no more. */
const SURE_SHARE = 0.85;

export class Sight {
  /** Where the pilot is, or was last. */
  eye = { x: 0, y: 0 };
  /** Whether the eye has just been elsewhere, so that all it sees is news to it. */
  leapt = true;

  /**
   * @param {World} world
   * @param {number} own The own seat.
   * @returns {Seen}
   */
  look(world, own) {
    const ship = world.ships.find(({ player }) => player === own);
    this.leapt = ship !== undefined && distanceOf(this.eye, ship.position) > LEAP_UNITS;
    if (ship) this.eye = ship.position;
    return {
      eye: this.eye,
      ships: this.#near(world.ships),
      crystals: this.#near(world.crystals),
      creatures: this.#near(world.creatures),
      shots: this.#near(world.shots),
      markers: ship ? world.markers.filter(({ faction }) => faction === ship.faction) : [],
    };
  }

  /**
   * Whether something that is no longer seen must have ended here.
   * @param {{ position: Vec }} thing
   */
  isSureOf({ position }) {
    return distanceOf(position, this.eye) < VIEW_RADIUS * SURE_SHARE;
  }

  /**
   * @template {{ position: Vec }} T
   * @param {T[]} things
   */
  #near(things) {
    return things.filter(({ position }) => distanceOf(position, this.eye) < VIEW_RADIUS);
  }
}
