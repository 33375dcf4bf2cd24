/**
 * The entities within the view radius of the ship in the middle, usually the own one. The client may hold more than that, and
 * briefly less.
 * @module
 */

import { VIEW_RADIUS, distanceOf } from "./world.js";

/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("./world.js").World} World */
/** @typedef {Pick<World, "ships" | "crystals" | "creatures" | "shots" | "markers"> & { eye: Vec }} Visible */

/** Only a respawn moves the ship farther than this between two frames. */
const JUMP_UNITS = 150;
/** An entity that disappears within this share of the view radius has ended; farther away it may have left the view. */
const CERTAIN_SHARE = 0.85;

export class Visibility {
  /** That ship's position, or its last one while it does not fly. */
  eye = { x: 0, y: 0 };
  /** True if the ship has just respawned elsewhere. */
  jumped = true;

  /**
   * @param {World} world
   * @param {number} followed The number of the player from whose ship the world is seen.
   * @returns {Visible}
   */
  update(world, followed) {
    const ship = world.ships.find(({ player }) => player === followed);
    this.jumped = ship !== undefined && distanceOf(this.eye, ship.position) > JUMP_UNITS;
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
   * Returns true if an entity that has disappeared must have ended, rather than left the view.
   * @param {{ position: Vec }} entity
   */
  hasEnded({ position }) {
    return distanceOf(position, this.eye) < VIEW_RADIUS * CERTAIN_SHARE;
  }

  /**
   * @template {{ position: Vec }} T
   * @param {T[]} entities
   */
  #near(entities) {
    return entities.filter(({ position }) => distanceOf(position, this.eye) < VIEW_RADIUS);
  }
}
