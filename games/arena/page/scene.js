/**
 * The canvas: draws the world, back to front.
 * @module
 */

import { Backdrop } from "./backdrop.js";
import { Camera } from "./camera.js";
import { Effects } from "./effects.js";
import { Rocks } from "./rocks.js";
import { drawLabel, drawShip } from "./ships.js";
import { Shots } from "./shots.js";
import { SHIP_RADIUS, WORLD_SIZE } from "./world.js";

/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {import("./controls.js").Controls} Controls */
/** @typedef {import("./world.js").Id} Id */
/** @typedef {import("./world.js").World} World */

/** More than two device pixels to a CSS pixel cost time and are hard to see. */
const MAX_PIXEL_RATIO = 2;
const FLASH_SECONDS = 0.22;
const IDLE_UNITS_PER_SECOND = 60;
const OWN_COLOUR = "#7df3ff";
const FIRE_COLOUR = "#ff8fb1";

export class Scene {
  camera = new Camera();
  #canvas;
  #context;
  #pixelRatio = 1;
  #backdrop = new Backdrop();
  #effects = new Effects();
  #rocks = new Rocks();
  #shots = new Shots();
  /**
   * How much of its flash is left to a ship that was hit, from 1 to 0.
   * @type {Map<Id, number>}
   */
  #flashes = new Map();

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser cannot draw on a canvas");
    this.#canvas = canvas;
    this.#context = context;
    this.#resize();
    window.addEventListener("resize", () => this.#resize());
  }

  /** Forgets the world that was shown: ids mean other things in another room. */
  clear() {
    this.#effects = new Effects();
    this.#rocks = new Rocks();
    this.#shots = new Shots();
    this.#flashes.clear();
    this.camera.jumpTo({ x: WORLD_SIZE / 2, y: WORLD_SIZE / 2 });
  }

  /**
   * The sky alone, drifting by.
   * @param {number} now In seconds.
   */
  drawIdle(now) {
    this.camera.jumpTo({ x: WORLD_SIZE / 2 + now * IDLE_UNITS_PER_SECOND, y: WORLD_SIZE / 2 + Math.sin(now / 9) * 60 });
    this.camera.screenTransform(this.#context, this.#pixelRatio);
    this.#backdrop.drawSky(this.#context, this.camera);
  }

  /**
   * Starts the effects of what happened.
   * @param {Changes} changes
   * @param {World} world
   * @param {number} own The own seat.
   */
  show(changes, world, own) {
    const here = new Set(world.pilots.map((pilot) => pilot.player));
    for (const ship of changes.newShips) this.#effects.warp(ship, ship.player === own);
    for (const ship of changes.goneShips) {
      this.#flashes.delete(ship.id);
      // A pilot who leaves takes the ship along: it does not burst.
      if (here.has(ship.player)) this.#effects.explodeShip(ship, ship.player === own);
      else this.#effects.warp(ship, false);
      if (ship.player === own) this.camera.shake(1);
    }
    for (const ship of changes.hurtShips) {
      this.#flashes.set(ship.id, 1);
      this.#effects.hitShip(ship, ship.player === own);
      if (ship.player === own) this.camera.shake(0.45);
    }
    for (const rock of changes.goneRocks) this.#effects.explodeRock(rock);
    for (const shot of changes.goneShots) this.#effects.fizzle(shot, shot.player === own);
    this.forget(changes);
  }

  /**
   * Lets go of what is kept about entities that are gone.
   * @param {Changes} changes
   */
  forget(changes) {
    for (const rock of changes.goneRocks) this.#rocks.forget(rock.id);
    for (const shot of changes.goneShots) this.#shots.forget(shot.id);
  }

  /**
   * @param {World} world
   * @param {number} own The own seat.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} seconds Since the last frame.
   */
  draw(world, own, controls, now, seconds) {
    const context = this.#context;
    const camera = this.camera;
    this.#advance(world, own, seconds);

    camera.screenTransform(context, this.#pixelRatio);
    this.#backdrop.drawSky(context, camera);

    camera.worldTransform(context, this.#pixelRatio);
    this.#backdrop.drawField(context, camera);
    this.#rocks.draw(context, camera, world.rocks, now);
    this.#shots.draw(context, camera, world.shots, own);
    const visible = world.ships.filter((ship) => camera.sees(ship.position, SHIP_RADIUS * 4));
    for (const ship of visible) drawShip(context, ship, ship.player === own, this.#flashes.get(ship.id) ?? 0, now);
    this.#effects.draw(context, camera);

    camera.screenTransform(context, this.#pixelRatio);
    const names = new Map(world.pilots.map((pilot) => [pilot.player, pilot.name]));
    for (const ship of visible) {
      if (ship.player !== own) drawLabel(context, camera, ship, names.get(ship.player) ?? "");
    }
    controls.thrustStick.draw(context, OWN_COLOUR);
    controls.aimStick.draw(context, FIRE_COLOUR);
    if (controls.mouse) drawReticle(context, controls.mouse.x, controls.mouse.y);
  }

  /**
   * @param {World} world
   * @param {number} own
   * @param {number} seconds
   */
  #advance(world, own, seconds) {
    for (const ship of world.ships) {
      if (ship.thrusting) this.#effects.smoke(ship, ship.player === own, seconds);
    }
    this.#effects.advance(seconds);
    for (const [id, left] of this.#flashes) {
      if (left <= 0) this.#flashes.delete(id);
      else this.#flashes.set(id, left - seconds / FLASH_SECONDS);
    }
  }

  #resize() {
    this.#pixelRatio = Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * this.#pixelRatio);
    this.#canvas.height = Math.round(clientHeight * this.#pixelRatio);
    this.camera.resize(clientWidth, clientHeight);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 */
function drawReticle(context, x, y) {
  context.beginPath();
  context.arc(x, y, 9, 0, Math.PI * 2);
  for (const [dx, dy] of /** @type {const} */ ([[1, 0], [-1, 0], [0, 1], [0, -1]])) {
    context.moveTo(x + dx * 6, y + dy * 6);
    context.lineTo(x + dx * 14, y + dy * 14);
  }
  context.lineCap = "round";
  context.strokeStyle = "rgb(5 7 15 / 0.7)";
  context.lineWidth = 3.5;
  context.stroke();
  context.strokeStyle = OWN_COLOUR;
  context.lineWidth = 1.5;
  context.stroke();
}
