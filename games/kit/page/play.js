/**
 * A game that is being played: from a joined room to what is seen of it.
 * @module
 */

import { Controls } from "./input/controls.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./drawing/camera.js").Camera} Camera */
/** @typedef {import("./drawing/camera.js").Vec} Vec */
/** @typedef {import("./input/controls.js").Actions} Actions */

/**
 * What the page needs of a game.
 * @typedef {object} Frames
 * @property {(now: number, elapsed: number) => void} frame
 * @property {() => void} freeze
 */

/**
 * What a game shows.
 * @template World
 * @typedef {object} Show
 * @property {Camera} camera
 * @property {Actions} actions
 * @property {(world: World, now: number) => World} anticipate
 *   The world with what is known of it before the server says so. In milliseconds.
 * @property {(world: World, own: number, now: number, effects: boolean) => void} observe
 *   Looks at a new world; starts effects for what has changed, unless too much has. The time is in seconds.
 * @property {(world: World, own: number, controls: Controls, now: number, elapsed: number) => void} draw In seconds.
 * @property {(world: World, room: Room, now: number) => void} inform Brings texts and maps up to date. In seconds.
 * @property {() => void} hide Takes what is on top of the world away.
 */

/** Text need not change as often as the picture. */
const INFORM_SECONDS = 0.1;
/** After a longer gap, as in a hidden tab or after an outage, so much has changed that its effects would be a firework. */
const LONG_GAP_SECONDS = 0.5;

/** @template {{ ships: { player: number, position: Vec }[] }} World */
export class Play {
  #room;
  #show;
  #controls;
  /** @type {World} */
  #world;
  /** The time that the world shows, in ticks. */
  #tick = 0;
  #aim = 0;
  #launched = false;
  #over = false;
  #informedAt = 0;

  /**
   * @param {Room} room
   * @param {HTMLCanvasElement} canvas
   * @param {Show<World>} show
   */
  constructor(room, canvas, show) {
    this.#room = room;
    this.#show = show;
    this.#controls = new Controls(canvas, show.actions, (neutral) => room.input(neutral));
    const now = performance.now();
    this.#world = this.#look(now);
    show.observe(this.#world, room.player, now / 1000, false);
  }

  /**
   * @param {number} now In milliseconds.
   * @param {number} elapsed Since the last frame, in seconds.
   */
  frame(now, elapsed) {
    const own = this.#room.player;
    const time = now / 1000;
    const step = Math.min(elapsed, LONG_GAP_SECONDS);
    // What is left of the effects goes on when the connection has gone; the ships stand still.
    if (!this.#over) {
      // First the input and then the picture: so the picture shows what the input does.
      this.#steer();
      const before = this.#tick;
      this.#world = this.#look(now);
      const leap = before > 0 ? (this.#tick - before) / this.#room.tickRateHz : 0;
      this.#show.observe(this.#world, own, time, Math.max(elapsed, leap) <= LONG_GAP_SECONDS);
    }
    this.#follow(step);
    this.#show.draw(this.#world, own, this.#controls, time, step);
    if (!this.#over && this.#room.stats.snapshots > 0 && time - this.#informedAt >= INFORM_SECONDS) {
      this.#informedAt = time;
      this.#show.inform(this.#world, this.#room, time);
    }
  }

  /** The connection has gone: the last picture stays. */
  freeze() {
    this.#over = true;
    this.#controls.stop();
    this.#show.hide();
  }

  /** @param {number} now In milliseconds. */
  #look(now) {
    const { tick, tables } = this.#room.view(now);
    this.#tick = tick;
    return this.#show.anticipate(/** @type {World} */ (tables), now);
  }

  #steer() {
    const { camera } = this.#show;
    const ship = this.#ownShip();
    const middle = { x: camera.width / 2, y: camera.height / 2 };
    const input = this.#controls.read(ship ? camera.toScreen(ship.position) : middle);
    this.#aim = input.aim;
    this.#room.input(input);
  }

  /**
   * Has the camera go after the own ship.
   * @param {number} elapsed In seconds.
   */
  #follow(elapsed) {
    const { camera } = this.#show;
    const ship = this.#ownShip();
    if (ship && !this.#launched) {
      this.#launched = true;
      camera.jumpTo(ship.position);
    }
    if (ship) camera.follow(ship.position, this.#aim, elapsed);
    camera.settle(elapsed);
  }

  #ownShip() {
    return this.#world.ships.find(({ player }) => player === this.#room.player);
  }
}
