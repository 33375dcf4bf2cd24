/**
 * The own ship and its shots, shown as the rules will have them before the server has said so.
 * @module
 */

import { predict } from "/client/drumline.js";
import { drift, restoreVelocity, steer, sweeps } from "./flight.js";
import { OwnShots } from "./own-shots.js";
import { SHIP_RADIUS } from "./ships.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./camera.js").Vec} Vec */
/** @typedef {import("./flight.js").Flight} Flight */
/** @typedef {import("./own-shots.js").Shot} Shot */
/** @typedef {{ position: Vec, radius: number }} Target */
/**
 * A game's rules for a ship and its gun.
 * @typedef {object} Rules
 * @property {Flight} flight
 * @property {{ speed: number, seconds: number, reload: number }} gun A shot's speed in units a second, how many seconds it flies, and
 *   how many the next one takes.
 * @property {(ship: Record<string, any>, input: Record<string, any>, dt: number) => void} [prepare] What a tick changes in a ship
 *   before it fires.
 * @property {(ship: Record<string, any>) => boolean} [spend] Pays for a shot; whether the ship can.
 */

export class OwnPilot {
  #room;
  #rules;
  #shots;

  /**
   * @param {Room} room
   * @param {Rules} rules
   */
  constructor(room, rules) {
    this.#room = room;
    this.#rules = rules;
    this.#shots = new OwnShots(room.player, room.tickRateHz, rules.gun.seconds);
    predict(room, {
      table: "ships",
      entity: ({ player }) => player === room.player,
      fields: ["position", "heading"],
      apply: (ship, input, dt, { tick, first }) => {
        const fired = this.#fly(ship, input, dt);
        if (fired && first) this.#shots.fire(tick, fired.from, fired.velocity);
        drift(/** @type {any} */ (ship), rules.flight, dt);
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
    return this.#shots.show(shots, this.#room.inputTickAt(now), (from, to) =>
      targets.some(({ position, radius }) => sweeps(from, to, position, radius)),
    );
  }

  /**
   * Steers and fires, in the order of the rules: a shot leaves from where the ship was, with the ship's new speed.
   * @param {Record<string, any>} ship
   * @param {Record<string, any>} input
   * @param {number} dt
   */
  #fly(ship, input, dt) {
    const { flight, gun, prepare, spend } = this.#rules;
    steer(/** @type {any} */ (ship), /** @type {any} */ (input), flight, dt);
    prepare?.(ship, input, dt);
    ship.reload = (ship.reload ?? 0) - dt;
    if (!input.fire || ship.reload > 0 || spend?.(ship) === false) return null;
    ship.reload = gun.reload;
    // Who fires gives up a shield.
    ship.shielded = false;
    const nose = { x: Math.cos(ship.heading), y: Math.sin(ship.heading) };
    return {
      from: { x: ship.position.x + nose.x * SHIP_RADIUS, y: ship.position.y + nose.y * SHIP_RADIUS },
      velocity: { x: ship.velocity.x + nose.x * gun.speed, y: ship.velocity.y + nose.y * gun.speed },
    };
  }
}
