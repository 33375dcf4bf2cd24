/**
 * A game in progress: reads the controls, sends inputs and draws the room's world on each frame.
 * @module
 */

import { Controls } from "./input/controls.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./drawing/camera.js").Camera} Camera */
/** @typedef {import("./world/types.js").Vec} Vec */
/** @typedef {import("./input/controls.js").Actions} Actions */

/**
 * The page's handle on a running game.
 * @typedef {object} RunningGame
 * @property {(now: number, elapsed: number) => void} frame In milliseconds, and in seconds since the last frame.
 * @property {() => void} freeze Stops the game; the last frame remains on the screen.
 */

/**
 * The game's own part: drawing, effects and HUD.
 * @template World
 * @typedef {object} GameView
 * @property {Camera} camera
 * @property {Actions} actions
 * @property {(world: World, now: number) => World} predict Adds predicted entities to the world. In milliseconds.
 * @property {(world: World, now: number, effects: boolean, followed: number) => void} update
 *   Takes a new world and, if `effects` is set, starts effects for the changes. In seconds. `followed`: the number of the player
 *   whose ship is in the middle, the own one unless the player is a spectator.
 * @property {(world: World, own: number, controls: Controls, now: number, elapsed: number) => void} draw In seconds.
 * @property {(world: World, room: Room, now: number) => void} updateHud Updates texts and maps. In seconds.
 * @property {() => void} hide Hides the HUD.
 */

/** Texts change too slowly to be updated on every frame. */
const HUD_SECONDS = 0.1;
/** After a longer gap, as in a hidden tab or an outage, effects are skipped: too many would start at once. */
const LONG_GAP_SECONDS = 0.5;

/** @template {{ ships: { player: number, position: Vec }[] }} World */
export class Play {
  #room;
  #view;
  #controls;
  /** @type {World} */
  #world;
  /** The tick that `#world` shows, with its fraction. */
  #tick = 0;
  #aim = 0;
  #launched = false;
  /** The number of the player whose ship the camera follows. */
  #followed;
  #over = false;
  #hudAt = 0;

  /**
   * @param {Room} room
   * @param {HTMLCanvasElement} canvas
   * @param {GameView<World>} view
   */
  constructor(room, canvas, view) {
    this.#room = room;
    this.#view = view;
    this.#followed = room.player;
    this.#controls = new Controls(canvas, view.actions, (neutral) => room.spectator || room.input(neutral));
    const now = performance.now();
    this.#world = this.#readWorld(now);
    this.#choose();
    view.update(this.#world, now / 1000, false, this.#followed);
  }

  /**
   * @param {number} now In milliseconds.
   * @param {number} elapsed Since the last frame, in seconds.
   */
  frame(now, elapsed) {
    const own = this.#room.player;
    const time = now / 1000;
    const step = Math.min(elapsed, LONG_GAP_SECONDS);
    // After the connection has ended, running effects still play out; the ships stand still.
    if (!this.#over) {
      // The input is sent before the world is read, so that this frame shows its effect.
      if (!this.#room.spectator) this.#sendInput();
      const before = this.#tick;
      this.#world = this.#readWorld(now);
      const jump = before > 0 ? (this.#tick - before) / this.#room.tickRateHz : 0;
      this.#choose();
      this.#view.update(this.#world, time, Math.max(elapsed, jump) <= LONG_GAP_SECONDS, this.#followed);
    }
    this.#moveCamera(step);
    this.#view.draw(this.#world, own, this.#controls, time, step);
    if (!this.#over && time - this.#hudAt >= HUD_SECONDS) {
      this.#hudAt = time;
      this.#view.updateHud(this.#world, this.#room, time);
    }
  }

  /** Called when the connection has ended. */
  freeze() {
    this.#over = true;
    this.#controls.stop();
    this.#view.hide();
  }

  /** @param {number} now In milliseconds. */
  #readWorld(now) {
    const { tick, tables } = this.#room.view(now);
    this.#tick = tick;
    return this.#view.predict(/** @type {World} */ (tables), now);
  }

  #sendInput() {
    const { camera } = this.#view;
    const ship = this.#ship();
    const middle = { x: camera.width / 2, y: camera.height / 2 };
    const input = this.#controls.read(ship ? camera.toScreen(ship.position) : middle);
    this.#aim = input.aim;
    this.#room.input(input);
  }

  /** Lets a spectator follow another ship when the one before is gone. */
  #choose() {
    if (!this.#room.spectator || this.#ship()) return;
    this.#followed = this.#world.ships[0]?.player ?? this.#followed;
    this.#launched = false;
  }

  /**
   * Moves the camera towards the ship that it follows.
   * @param {number} elapsed In seconds.
   */
  #moveCamera(elapsed) {
    const { camera } = this.#view;
    const ship = this.#ship();
    if (ship && !this.#launched) {
      this.#launched = true;
      camera.jumpTo(ship.position);
    }
    if (ship) camera.follow(ship.position, this.#aim, elapsed);
    camera.settle(elapsed);
  }

  /** The ship that the camera follows, while it flies. */
  #ship() {
    return this.#world.ships.find(({ player }) => player === this.#followed);
  }
}
