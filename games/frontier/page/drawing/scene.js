/**
 * Draws the visible part of the frontier on the canvas, back to front.
 * @module
 */

import { AWAY_COLOURS } from "/kit/drawing/colours.js";
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
/** @typedef {import("/kit/world/away.js").Away} Away */
/** @typedef {import("../game/visibility.js").Visible} Visible */
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

  /** Drops everything kept about the last room: the same ids mean other entities in another room. */
  clear() {
    this.effects = new Effects();
    this.crystals = new Crystals();
    this.creatures = new Creatures();
    this.shots = new Shots();
    this.shipFlashes = new Flashes();
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
   * @param {Visible} visible
   * @param {World} world
   * @param {number} own The own player number.
   * @param {Away} away
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} seconds Since the last frame.
   */
  draw(visible, world, own, away, controls, now, seconds) {
    const { camera, context } = this.#stage;
    const beams = beamsOf(visible.ships, visible.crystals);
    const stations = world.stations.filter(({ position }) => distanceOf(position, visible.eye) < VIEW_RADIUS * 1.3);
    this.#advance(visible, beams, seconds);

    this.#stage.useScreenTransform();
    this.#backdrop.draw(context, camera);

    this.#stage.useWorldTransform();
    drawField(context, camera, MAP_SIZE);
    drawStations(context, stations, now);
    this.crystals.draw(context, visible.crystals, now);
    this.creatures.draw(context, visible.creatures, seconds);
    drawBeams(context, beams, now);
    this.shots.draw(context, camera, visible.shots, (shot) => FACTION_COLOURS[shot.faction].main);
    for (const ship of visible.ships) {
      const { faction, player, id } = ship;
      drawShip(context, ship, FACTION_HULLS[faction], FACTION_COLOURS[faction], player === own, this.shipFlashes.of(id), now);
    }
    this.effects.draw(context, camera);

    this.#stage.useScreenTransform();
    drawFog(context, camera, visible.eye);
    drawStationNames(context, camera, stations);
    for (const { player, position, faction, name, health } of visible.ships) {
      if (player === own) continue;
      const colours = away.has(player) ? AWAY_COLOURS : FACTION_COLOURS[faction];
      drawLabel(context, camera, position, colours, name, health);
    }
    drawPointers(context, camera, visible.eye, world.stations, visible.markers, now);
    controls.thrustStick.draw(context, THRUST_COLOUR);
    controls.aimStick.draw(context, FIRE_COLOUR);
    if (controls.mouse) this.#stage.drawReticle(controls.mouse);
  }

  /**
   * @param {Visible} visible
   * @param {import("./beams.js").Beam[]} beams
   * @param {number} seconds
   */
  #advance(visible, beams, seconds) {
    for (const ship of visible.ships) {
      if (ship.thrusting) this.effects.smoke(ship, FACTION_COLOURS[ship.faction], seconds);
    }
    for (const { crystal } of beams) this.effects.dig(crystal, seconds);
    this.effects.advance(seconds);
    this.shipFlashes.advance(seconds);
  }
}
