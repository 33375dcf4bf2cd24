/**
 * The arena's part of a running game: connects the room with the scene, the HUD and the prediction.
 * @module
 */

import { TableChanges } from "/kit/world/table-changes.js";
import { canvasById } from "/kit/ui/elements.js";
import { OwnShip } from "/kit/prediction/own-ship.js";
import { SHIP_RADIUS } from "/kit/drawing/ships.js";
import { Emotes } from "./game/emotes.js";
import { Hud } from "./hud/hud.js";
import { Minimap } from "./hud/minimap.js";
import { describeEvent } from "./game/events.js";
import { RULES } from "./game/rules.js";
import { ROCK_RADIUS } from "./game/world.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("./drawing/scene.js").Scene} Scene */
/** @typedef {import("./game/world.js").Rock} Rock */
/** @typedef {import("./game/world.js").Ship} Ship */
/** @typedef {import("./game/world.js").Shot} Shot */
/** @typedef {import("./game/world.js").World} World */

export class ArenaView {
  actions = { Space: "fire" };
  #own;
  #emotes;
  #ownShip;
  #scene;
  #hud = new Hud();
  #minimap = new Minimap(canvasById("minimap"));
  /** @type {TableChanges<Ship>} */
  #ships = new TableChanges();
  /** @type {TableChanges<Rock>} */
  #rocks = new TableChanges();
  /** @type {TableChanges<Shot>} */
  #shots = new TableChanges();

  /**
   * @param {Room} room
   * @param {Scene} scene
   */
  constructor(room, scene) {
    this.#own = room.player;
    this.#ownShip = new OwnShip(room, RULES);
    this.#scene = scene;
    scene.clear();
    this.#emotes = new Emotes(room);
    room.on("event", (event) => this.#hud.feed.add(event.type, describeEvent(event)));
    this.#hud.show();
  }

  get camera() {
    return this.#scene.camera;
  }

  /**
   * @param {World} world
   * @param {number} now In milliseconds.
   * @returns {World}
   */
  predict(world, now) {
    const ships = world.ships.filter(({ player }) => player !== this.#own);
    const targets = [
      ...ships.map(({ position }) => ({ position, radius: SHIP_RADIUS })),
      ...world.rocks.map(({ position, size }) => ({ position, radius: ROCK_RADIUS[size] })),
    ];
    return { ...world, shots: this.#ownShip.shots(world.shots, targets, now) };
  }

  /**
   * @param {World} world
   * @param {number} own The own player number.
   * @param {number} now In seconds.
   * @param {boolean} effects
   */
  update(world, own, now, effects) {
    const ships = this.#ships.update(world.ships);
    const hurt = world.ships.filter((ship) => ship.health < (ships.previous.get(ship.id)?.health ?? 0));
    const [rocks, shots] = [this.#rocks.update(world.rocks).removed, this.#shots.update(world.shots).removed];
    if (effects) {
      this.#scene.showShips(ships, hurt, world, own);
      this.#scene.showHits(rocks, shots, own);
      if (hurt.some((ship) => ship.player === own)) this.#hud.hit();
      if (ships.removed.some((ship) => ship.player === own)) this.#hud.destroyed(now);
    }
    this.#scene.forget(rocks, shots);
  }

  /**
   * @param {World} world
   * @param {number} own The own player number.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} elapsed In seconds.
   */
  draw(world, own, controls, now, elapsed) {
    this.#scene.draw(world, own, controls, now, elapsed);
  }

  /**
   * @param {World} world
   * @param {Room} room
   * @param {number} now In seconds.
   */
  updateHud(world, room, now) {
    this.#hud.update(world, room, now);
    this.#minimap.draw(world, this.camera, room.player);
  }

  hide() {
    this.#emotes.stop();
    this.#hud.hide();
  }
}
