/**
 * The own ship and its shots, shown as the rules will have them before the server has said so.
 * @module
 */

import { predict } from "/client/drumline.js";
import { act, drift, restoreVelocity, sweeps } from "./flight.js";
import { OwnShots } from "./own-shots.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("../drawing/camera.js").Vec} Vec */
/** @typedef {import("./flight.js").Rules} Rules */
/** @typedef {import("./own-shots.js").Shot} Shot */
/** @typedef {{ position: Vec, radius: number }} Target */

export class OwnPilot {
  #room;
  #shots;

  /**
   * @param {Room} room
   * @param {Rules} rules
   */
  constructor(room, rules) {
    this.#room = room;
    this.#shots = new OwnShots(room.player, room.tickRateHz, rules.gun.seconds);
    predict(room, {
      table: "ships",
      entity: ({ player }) => player === room.player,
      fields: ["position", "heading"],
      apply: (ship, input, dt, { tick, first }) => {
        const fired = act(ship, input, rules, dt);
        if (fired && first) this.#shots.fire(tick, fired.from, fired.velocity);
        drift(ship, rules.flight, dt);
      },
      restore: restoreVelocity,
    });
    room.on("snapshot", ({ tick }) => this.#shots.confirm(tick, room.tables.shots));
  }

  /**
   * Shots as they will be when the inputs given so far have had their effect. The own ship is in the room's view already.
   * @template {Shot} T
   * @param {T[]} shots
   * @param {Target[]} targets What stops an own shot.
   * @param {number} now In milliseconds.
   * @returns {(T | Shot)[]}
   */
  shots(shots, targets, now) {
    return this.#shots.show(shots, this.#room.inputs.tickAt(now), (from, to) =>
      targets.some(({ position, radius }) => sweeps(from, to, position, radius)),
    );
  }
}
