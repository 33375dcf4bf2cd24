/**
 * The canvas: draws what a pilot sees, back to front.
 * @module
 */

import { drawField } from "/kit/drawing/field.js";
import { Flashes } from "/kit/drawing/flashes.js";
import { drawLabel, drawShip } from "/kit/drawing/ships.js";
import { Shots } from "/kit/drawing/shots.js";
import { Stage } from "/kit/drawing/stage.js";
import { Backdrop } from "./backdrop.js";
import { beamsOf, drawBeams } from "./beams.js";
import { Creatures } from "./creatures.js";
import { Crystals } from "./crystals.js";
import { Effects } from "./effects.js";
import { drawFog } from "./fog.js";
import { FACTION_COLOURS, FACTION_HULLS } from "./palette.js";
import { drawPointers } from "./pointers.js";
import { drawStationNames, drawStations } from "./stations.js";
import { MAP_SIZE, VIEW_RADIUS, distanceOf } from "../game/world.js";

/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("../game/visibility.js").Seen} Seen */
/** @typedef {import("../game/world.js").Shot} Shot */
/** @typedef {import("../game/world.js").World} World */

const THRUST_COLOUR = "#7df3ff";
const FIRE_COLOUR = "#ff8fb1";

export class Scene {
  effects = new Effects();
  crystals = new Crystals();
  creatures = new Creatures();
  /** @type {Shots<Shot>} */
  shots = new Shots();
  shipFlashes = new Flashes();
  #stage;
  #backdrop = new Backdrop();

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#stage = new Stage(canvas, MAP_SIZE);
  }

  get camera() {
    return this.#stage.camera;
  }

  /** Forgets the world that was shown: ids mean other things in another room. */
  clear() {
    this.effects = new Effects();
    this.crystals = new Crystals();
    this.creatures = new Creatures();
    this.shots = new Shots();
    this.shipFlashes = new Flashes();
    this.#stage.centre();
  }

  /**
   * The sky alone, drifting by.
   * @param {number} now In seconds.
   */
  drawIdle(now) {
    this.#stage.wander(now);
    this.#stage.inPixels();
    this.#backdrop.draw(this.#stage.context, this.camera);
  }

  /**
   * @param {Seen} seen
   * @param {World} world
   * @param {number} own The own seat.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} seconds Since the last frame.
   */
  draw(seen, world, own, controls, now, seconds) {
    const { camera, context } = this.#stage;
    const beams = beamsOf(seen.ships, seen.crystals);
    const stations = world.stations.filter(({ position }) => distanceOf(position, seen.eye) < VIEW_RADIUS * 1.3);
    this.#advance(seen, beams, seconds);

    this.#stage.inPixels();
    this.#backdrop.draw(context, camera);

    this.#stage.inUnits();
    drawField(context, camera, MAP_SIZE);
    drawStations(context, stations, now);
    this.crystals.draw(context, seen.crystals, now);
    this.creatures.draw(context, seen.creatures, seconds);
    drawBeams(context, beams, now);
    this.shots.draw(context, camera, seen.shots, (shot) => FACTION_COLOURS[shot.faction].main);
    for (const ship of seen.ships) {
      const { faction, player, id } = ship;
      drawShip(context, ship, FACTION_HULLS[faction], FACTION_COLOURS[faction], player === own, this.shipFlashes.of(id), now);
    }
    this.effects.draw(context, camera);

    this.#stage.inPixels();
    drawFog(context, camera, seen.eye);
    drawStationNames(context, camera, stations);
    for (const { player, position, faction, name, health } of seen.ships) {
      if (player !== own) drawLabel(context, camera, position, FACTION_COLOURS[faction], name, health);
    }
    drawPointers(context, camera, seen.eye, world.stations, seen.markers, now);
    controls.thrustStick.draw(context, THRUST_COLOUR);
    controls.aimStick.draw(context, FIRE_COLOUR);
    if (controls.mouse) this.#stage.drawReticle(controls.mouse);
  }

  /**
   * @param {Seen} seen
   * @param {import("./beams.js").Beam[]} beams
   * @param {number} seconds
   */
  #advance(seen, beams, seconds) {
    for (const ship of seen.ships) {
      if (ship.thrusting) this.effects.smoke(ship, FACTION_COLOURS[ship.faction], seconds);
    }
    for (const { crystal } of beams) this.effects.dig(crystal, seconds);
    this.effects.advance(seconds);
    this.shipFlashes.advance(seconds);
  }
}
