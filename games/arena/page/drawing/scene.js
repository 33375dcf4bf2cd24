/**
 * Draws the arena's world on the canvas, back to front, and starts effects.
 * @module
 */

import { AWAY_COLOURS } from "/kit/drawing/colours.js";
import { drawField } from "/kit/drawing/field.js";
import { Flashes } from "/kit/drawing/flashes.js";
import { DART, SHIP_RADIUS, drawLabel, drawShip } from "/kit/drawing/ships.js";
import { Shots } from "/kit/drawing/shots.js";
import { Stage } from "/kit/drawing/stage.js";
import { Backdrop } from "./backdrop.js";
import { Effects } from "./effects.js";
import { coloursOf } from "./palette.js";
import { Rocks } from "./rocks.js";
import { WORLD_SIZE, healthOf, isShielded } from "../game/world.js";

/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("/kit/world/away.js").Away} Away */
/** @typedef {import("../game/world.js").Rock} Rock */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").Shot} Shot */
/** @typedef {import("../game/world.js").World} World */

const OWN_COLOUR = "#7df3ff";
const FIRE_COLOUR = "#ff8fb1";

export class Scene {
  #stage;
  #backdrop = new Backdrop();
  #effects = new Effects();
  #rocks = new Rocks();
  /** @type {Shots<Shot>} */
  #shots = new Shots();
  #flashes = new Flashes();

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#stage = new Stage(canvas, WORLD_SIZE);
  }

  get camera() {
    return this.#stage.camera;
  }

  /** Drops everything kept about the last room: the same ids mean other entities in another room. */
  clear() {
    this.#effects = new Effects();
    this.#rocks = new Rocks();
    this.#shots = new Shots();
    this.#flashes = new Flashes();
    this.#stage.centre();
  }

  /**
   * Draws the sky alone, slowly moving.
   * @param {number} now In seconds.
   */
  drawIdle(now) {
    this.#stage.wander(now);
    this.#stage.useScreenTransform();
    this.#backdrop.draw(this.#stage.context, this.camera);
  }

  /**
   * Starts the effect of a ship that has appeared.
   * @param {Ship} ship
   * @param {boolean} own
   */
  showArrival({ player, position }, own) {
    this.#effects.warp(position, coloursOf(player, own));
  }

  /**
   * Starts the effects of a ship that has been hit.
   * @param {Ship} ship
   * @param {boolean} own
   */
  showHit({ id, player, position }, own) {
    this.#flashes.start(id);
    this.#effects.hitShip(position, coloursOf(player, own));
    if (own) this.camera.shake(0.45);
  }

  /**
   * Starts the effects of a ship that has disappeared.
   * @param {Ship} ship
   * @param {boolean} own
   * @param {boolean} destroyed
   */
  showEnd({ player, position }, own, destroyed) {
    if (destroyed) this.#effects.explodeShip(position, coloursOf(player, own));
    else this.#effects.warp(position, coloursOf(player, own));
    if (own) this.camera.shake(1);
  }

  /**
   * Starts the effect of a rock that has been shot.
   * @param {Rock} rock
   */
  showBroken(rock) {
    this.#effects.explodeRock(rock);
  }

  /**
   * Starts the effect of a shot that has ended.
   * @param {Shot} shot
   * @param {boolean} own
   */
  showFizzle({ player, position }, own) {
    this.#effects.fizzle(position, coloursOf(player, own));
  }

  /**
   * Drops the data kept about a rock that has disappeared.
   * @param {Rock} rock
   */
  forgetRock({ id }) {
    this.#rocks.forget(id);
  }

  /**
   * Drops the data kept about a shot that has disappeared.
   * @param {Shot} shot
   */
  forgetShot({ id }) {
    this.#shots.forget(id);
  }

  /**
   * @param {World} world
   * @param {number} own The own player number.
   * @param {Away} away
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} seconds Since the last frame.
   */
  draw(world, own, away, controls, now, seconds) {
    const { camera, context } = this.#stage;
    const colours = (/** @type {{ player: number }} */ { player }) => coloursOf(player, player === own);
    this.#advance(world, own, seconds);

    this.#stage.useScreenTransform();
    this.#backdrop.draw(context, camera);

    this.#stage.useWorldTransform();
    drawField(context, camera, WORLD_SIZE);
    this.#rocks.draw(context, camera, world.rocks, now);
    this.#shots.draw(context, camera, world.shots, (shot) => colours(shot).main);
    const visible = world.ships.filter((ship) => camera.sees(ship.position, SHIP_RADIUS * 4));
    for (const ship of visible) {
      const drawn = { ...ship, shielded: isShielded(ship) };
      drawShip(context, drawn, DART, colours(ship), ship.player === own, this.#flashes.of(ship.id), now);
    }
    this.#effects.draw(context, camera);

    this.#stage.useScreenTransform();
    const names = new Map(world.pilots.map((pilot) => [pilot.player, pilot.name]));
    for (const ship of visible) {
      if (ship.player === own) continue;
      const shades = away.has(ship.player) ? AWAY_COLOURS : colours(ship);
      drawLabel(context, camera, ship.position, shades, names.get(ship.player) ?? "", healthOf(ship));
    }
    controls.thrustStick.draw(context, OWN_COLOUR);
    controls.aimStick.draw(context, FIRE_COLOUR);
    if (controls.mouse) this.#stage.drawReticle(controls.mouse);
  }

  /**
   * @param {World} world
   * @param {number} own
   * @param {number} seconds
   */
  #advance(world, own, seconds) {
    for (const ship of world.ships) {
      if (ship.thrusting) this.#effects.smoke(ship, coloursOf(ship.player, ship.player === own), seconds);
    }
    this.#effects.advance(seconds);
    this.#flashes.advance(seconds);
  }
}
