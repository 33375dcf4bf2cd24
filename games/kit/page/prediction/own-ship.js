/**
 * Predicts the own ship and its shots, so that they react before the server's answer.
 *
 * The rules exist twice, in Rust and in flight.js. Tests in both languages compare recorded flights to keep them equal.
 * @module
 */

import { predict } from "/client/drumline.js";
import { act, drift, restoreVelocity, sweeps } from "./flight.js";
import { OwnShots } from "./own-shots.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {import("./flight.js").Rules} Rules */
/** @typedef {import("./own-shots.js").Shot} Shot */
/** @typedef {{ position: Vec, radius: number }} Target */

export class OwnShip {
  #room;
  #shots;

  /**
   * @param {Room} room
   * @param {Rules} rules
   * @param {(shot: Shot) => void} shotEnded Called when a shot is drawn no more, with the shot as it was last drawn.
   */
  constructor(room, rules, shotEnded) {
    this.#room = room;
    this.#shots = new OwnShots(room.player, room.tickRateHz, rules.gun.seconds, shotEnded);
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
    room.track("shots", {
      remove: (shot) => {
        if (!this.#shots.hides(shot.id)) shotEnded(/** @type {Shot} */ (shot));
      },
    });
  }

  /**
   * The shots as they will be once all inputs so far have taken effect. The own ship is predicted in `room.view()` already.
   * @template {Shot} T
   * @param {T[]} shots
   * @param {Target[]} targets Entities that stop the own shots.
   * @param {number} now In milliseconds.
   * @returns {(T | Shot)[]}
   */
  shots(shots, targets, now) {
    return this.#shots.show(shots, this.#room.inputs.tickAt(now), (from, to) =>
      targets.some(({ position, radius }) => sweeps(from, to, position, radius)),
    );
  }
}
