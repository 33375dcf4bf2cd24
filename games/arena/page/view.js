/**
 * The arena's part of a running game: connects the room with the scene, the HUD and the prediction.
 * @module
 */

import { canvasById } from "/kit/ui/elements.js";
import { OwnShip } from "/kit/prediction/own-ship.js";
import { SHIP_RADIUS } from "/kit/drawing/ships.js";
import { Away } from "/kit/world/away.js";
import { Emotes } from "./game/emotes.js";
import { Hud } from "./hud/hud.js";
import { Minimap } from "./hud/minimap.js";
import { describeEvent } from "./game/events.js";
import { RULES } from "./game/rules.js";
import { ROCK_RADIUS, healthOf } from "./game/world.js";

/** @typedef {import("/client/drumline.js").Room<import("../arena.d.ts").Arena>} Room */
/** @typedef {import("/kit/prediction/own-shots.js").Shot} Shot */
/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("./drawing/scene.js").Scene} Scene */
/** @typedef {import("./game/world.js").Rock} Rock */
/** @typedef {import("./game/world.js").Ship} Ship */
/** @typedef {import("./game/world.js").World} World */

export class ArenaView {
  actions = { Space: "fire" };
  #own;
  #away;
  #emotes;
  #ownShip;
  #scene;
  #hud = new Hud();
  #minimap = new Minimap(canvasById("minimap"));
  /** Start the effects of what has changed in this frame. @type {((world: World, now: number) => void)[]} */
  #effects = [];

  /**
   * @param {Room} room
   * @param {Scene} scene
   */
  constructor(room, scene) {
    this.#own = room.player;
    this.#away = new Away(room);
    this.#ownShip = new OwnShip(room, RULES, (shot) => this.#endShot(shot));
    this.#scene = scene;
    scene.clear();
    this.#emotes = new Emotes(room);
    room.on("event", (event) => this.#hud.feed.add(event.type, describeEvent(event)));
    this.#trackShips(room);
    room.track("rocks", { remove: (rock) => this.#endRock(rock) });
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
   * @param {number} now In seconds.
   * @param {boolean} effects
   */
  update(world, now, effects) {
    const started = this.#effects.splice(0);
    if (effects) started.forEach((start) => start(world, now));
  }

  /**
   * @param {World} world
   * @param {number} own The own player number.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} elapsed In seconds.
   */
  draw(world, own, controls, now, elapsed) {
    this.#scene.draw(world, own, this.#away, controls, now, elapsed);
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

  /** @param {Room} room */
  #trackShips(room) {
    room.track("ships", {
      add: (ship) => this.#addShip(ship),
      update: (ship, before) => healthOf(ship) < healthOf(before) && this.#hitShip(ship),
      remove: (ship) => this.#endShip(ship),
    });
  }

  /** @param {Ship} ship */
  #addShip(ship) {
    this.#effects.push(() => this.#scene.showArrival(ship, this.#isOwn(ship)));
  }

  /** @param {Ship} ship */
  #hitShip(ship) {
    this.#effects.push(() => {
      this.#scene.showHit(ship, this.#isOwn(ship));
      if (this.#isOwn(ship)) this.#hud.hit();
    });
  }

  /** @param {Ship} ship */
  #endShip(ship) {
    this.#effects.push(({ pilots }, now) => {
      // The ship of a player who has left the room was not destroyed.
      const destroyed = pilots.some(({ player }) => player === ship.player);
      this.#scene.showEnd(ship, this.#isOwn(ship), destroyed);
      if (this.#isOwn(ship)) this.#hud.destroyed(now);
    });
  }

  /** @param {Rock} rock */
  #endRock(rock) {
    this.#scene.forgetRock(rock);
    this.#effects.push(() => this.#scene.showBroken(rock));
  }

  /** @param {Shot} shot */
  #endShot(shot) {
    this.#scene.forgetShot(shot);
    this.#effects.push(() => this.#scene.showFizzle(shot, this.#isOwn(shot)));
  }

  /** @param {{ player: number }} entity */
  #isOwn({ player }) {
    return player === this.#own;
  }
}
