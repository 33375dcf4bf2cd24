/**
 * A game that is being played: from a joined room to what is seen of it.
 * @module
 */

import { ChangeTracker } from "./changes.js";
import { Controls } from "./controls.js";
import { canvasById } from "./elements.js";
import { Hud } from "./hud.js";
import { Minimap } from "./minimap.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./world.js").Ship} Ship */
/** @typedef {import("./world.js").World} World */

/** Text need not change as often as the picture. */
const HUD_SECONDS = 0.1;
/** After a longer gap, as in a hidden tab, so much has changed that its effects would be a firework. */
const LONG_GAP_SECONDS = 0.5;

export class Game {
  #room;
  #scene;
  #controls;
  #hud = new Hud();
  #minimap = new Minimap(canvasById("minimap"));
  #changes = new ChangeTracker();
  /** @type {World} */
  #world;
  #aim = 0;
  #launched = false;
  #over = false;
  #hudAt = 0;

  /**
   * @param {Room} room
   * @param {Scene} scene
   * @param {HTMLCanvasElement} canvas
   */
  constructor(room, scene, canvas) {
    this.#room = room;
    this.#scene = scene;
    this.#controls = new Controls(canvas, () => room.input({ thrust: { x: 0, y: 0 }, fire: false }));
    this.#world = this.#look(performance.now());
    this.#changes.observe(this.#world);
    scene.clear();
    room.on("event", ({ name, text }) => this.#hud.addNews(name, text));
    this.#hud.show();
  }

  /**
   * @param {number} now In milliseconds.
   * @param {number} elapsed Since the last frame, in seconds.
   */
  frame(now, elapsed) {
    const own = this.#room.player;
    const time = now / 1000;
    // What is left of the effects goes on when the connection has gone; the ships stand still.
    if (!this.#over) this.#advance(now, elapsed);
    const ship = this.#world.ships.find((each) => each.player === own);
    const step = Math.min(elapsed, LONG_GAP_SECONDS);
    this.#steer(ship, step);
    this.#scene.draw(this.#world, own, this.#controls, time, step);
    // Rounds count from one: a zero says that no snapshot has come yet.
    const known = this.#world.round.number > 0;
    if (!this.#over && known && time - this.#hudAt >= HUD_SECONDS) {
      this.#hudAt = time;
      this.#hud.update(this.#world, ship, this.#room, time);
      this.#minimap.draw(this.#world, this.#scene.camera, own);
    }
  }

  /** The connection has gone: the last picture stays. */
  freeze() {
    this.#over = true;
    this.#controls.stop();
    this.#hud.hide();
  }

  /** @param {number} now In milliseconds. */
  #look(now) {
    return /** @type {World} */ (this.#room.view(now).tables);
  }

  /**
   * @param {number} now In milliseconds.
   * @param {number} elapsed In seconds.
   */
  #advance(now, elapsed) {
    const own = this.#room.player;
    this.#world = this.#look(now);
    const changes = this.#changes.observe(this.#world);
    if (elapsed > LONG_GAP_SECONDS) {
      this.#scene.forget(changes);
      return;
    }
    this.#scene.show(changes, this.#world, own);
    if (changes.hurtShips.some((ship) => ship.player === own)) this.#hud.hurt();
    if (changes.goneShips.some((ship) => ship.player === own)) {
      this.#hud.hurt();
      this.#hud.destroyed(now / 1000);
    }
  }

  /**
   * @param {Ship | undefined} ship The own one.
   * @param {number} elapsed In seconds.
   */
  #steer(ship, elapsed) {
    const { camera } = this.#scene;
    if (ship && !this.#launched) {
      this.#launched = true;
      camera.jumpTo(ship.position);
    }
    if (ship) camera.follow(ship.position, this.#aim, elapsed);
    camera.settle(elapsed);
    if (this.#over) return;
    const middle = { x: camera.width / 2, y: camera.height / 2 };
    const input = this.#controls.read(ship ? camera.toScreen(ship.position) : middle);
    this.#aim = input.aim;
    this.#room.input(input);
  }
}
