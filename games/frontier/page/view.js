/**
 * What is seen of a frontier that is being played: the scene, and what is on top of it.
 * @module
 */

import { TableWatch } from "/kit/world/table-changes.js";
import { canvasById } from "/kit/ui/elements.js";
import { flashHurt } from "/kit/hud/instruments.js";
import { OwnPilot } from "/kit/prediction/own-ship.js";
import { SHIP_RADIUS } from "/kit/drawing/ships.js";
import { Hud } from "./hud/hud.js";
import { Minimap } from "./hud/minimap.js";
import { FACTION_COLOURS } from "./drawing/palette.js";
import { RULES } from "./game/rules.js";
import { Sight } from "./game/visibility.js";
import { CREATURE_RADIUS, nearest } from "./game/world.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("./drawing/scene.js").Scene} Scene */
/** @typedef {import("./game/visibility.js").Seen} Seen */
/** @typedef {import("./game/world.js").Creature} Creature */
/** @typedef {import("./game/world.js").Crystal} Crystal */
/** @typedef {import("./game/world.js").Ship} Ship */
/** @typedef {import("./game/world.js").Shot} Shot */
/** @typedef {import("./game/world.js").World} World */

/** A shot that ends nearer than this to something has hit it: it moves about as far in a tick. */
const HIT_UNITS = 60;

export class FrontierShow {
  actions = { Space: "mine", KeyE: "mine", KeyM: "mark" };
  #own;
  #pilot;
  #scene;
  #hud = new Hud();
  #minimap = new Minimap(canvasById("minimap"));
  #sight = new Sight();
  /** @type {Seen} */
  #seen = { eye: this.#sight.eye, ships: [], crystals: [], creatures: [], shots: [], markers: [] };
  /** @type {TableWatch<Ship>} */
  #ships = new TableWatch();
  /** @type {TableWatch<Crystal>} */
  #crystals = new TableWatch();
  /** @type {TableWatch<Creature>} */
  #creatures = new TableWatch();
  /** @type {TableWatch<Shot>} */
  #shots = new TableWatch();

  /**
   * @param {Room} room
   * @param {Scene} scene
   */
  constructor(room, scene) {
    this.#own = room.player;
    this.#pilot = new OwnPilot(room, RULES);
    this.#scene = scene;
    scene.clear();
    room.on("event", ({ type, faction, banked }) => this.#hud.news.add(type, `${faction} has banked ${banked}`));
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
  anticipate(world, now) {
    const faction = world.ships.find(({ player }) => player === this.#own)?.faction ?? "Ember";
    const enemies = world.ships.filter((ship) => ship.faction !== faction);
    const targets = [
      ...enemies.map(({ position }) => ({ position, radius: SHIP_RADIUS })),
      ...world.creatures.map(({ position }) => ({ position, radius: CREATURE_RADIUS })),
    ];
    const shots = this.#pilot.shots(world.shots, targets, now);
    return { ...world, shots: shots.map((shot) => ({ faction, ...shot })) };
  }

  /**
   * @param {World} world
   * @param {number} own The own seat.
   * @param {number} now In seconds.
   * @param {boolean} effects
   */
  observe(world, own, now, effects) {
    this.#seen = this.#sight.look(world, own);
    const ships = this.#ships.observe(this.#seen.ships);
    const [crystals, creatures, shots] = [
      this.#crystals.observe(this.#seen.crystals).gone,
      this.#creatures.observe(this.#seen.creatures).gone,
      this.#shots.observe(this.#seen.shots).gone,
    ];
    if (this.#sight.leapt) this.camera.jumpTo(this.#sight.eye);
    if (effects && !this.#sight.leapt) {
      const sure = (/** @type {{ position: { x: number, y: number } }} */ thing) => this.#sight.isSureOf(thing);
      this.#showEnds(ships.gone.filter(sure), own, now);
      crystals.filter(sure).forEach((crystal) => this.#scene.effects.breakCrystal(crystal));
      creatures.filter(sure).forEach((creature) => this.#scene.effects.burstCreature(creature));
      shots.filter(sure).forEach((shot) => this.#showHit(shot));
      this.#showOwn(ships.before, world, own);
    }
    crystals.forEach(({ id }) => this.#scene.crystals.forget(id));
    creatures.forEach(({ id }) => this.#scene.creatures.forget(id));
    shots.forEach(({ id }) => this.#scene.shots.forget(id));
  }

  /**
   * @param {World} world
   * @param {number} own The own seat.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} elapsed In seconds.
   */
  draw(world, own, controls, now, elapsed) {
    this.#scene.draw(this.#seen, world, own, controls, now, elapsed);
  }

  /**
   * @param {World} world
   * @param {Room} room
   * @param {number} now In seconds.
   */
  inform(world, room, now) {
    const ship = world.ships.find(({ player }) => player === room.player);
    this.#hud.update(world, ship, room, now);
    this.#minimap.draw(world, this.#seen, ship);
  }

  hide() {
    this.#hud.hide();
  }

  /**
   * Ships that are no more.
   * @param {Ship[]} ships
   * @param {number} own
   * @param {number} now
   */
  #showEnds(ships, own, now) {
    for (const { player, position, faction, shielded } of ships) {
      // Nothing can destroy a shielded ship: its pilot has left.
      if (shielded) this.#scene.effects.warp(position, FACTION_COLOURS[faction]);
      else this.#scene.effects.explodeShip(position, FACTION_COLOURS[faction]);
      if (player !== own) continue;
      this.camera.shake(1);
      this.#hud.destroyed(now);
    }
  }

  /**
   * The state does not say what a shot has hit, and of most ships not how they are.
   * @param {Shot} shot
   */
  #showHit({ position, faction }) {
    const enemies = this.#seen.ships.filter((ship) => ship.faction !== faction);
    const ship = nearest(enemies, position, HIT_UNITS);
    const creature = nearest(this.#seen.creatures, position, HIT_UNITS);
    if (ship) {
      this.#scene.shipFlashes.start(ship.id);
      this.#scene.effects.hitShip(position, FACTION_COLOURS[ship.faction]);
    } else if (creature) {
      this.#scene.creatures.flashes.start(creature.id);
      this.#scene.effects.hitCreature(creature);
    } else {
      this.#scene.effects.fizzle(position, FACTION_COLOURS[faction]);
    }
  }

  /**
   * What only the own pilot knows of their ship.
   * @param {Map<number, Ship>} before
   * @param {World} world
   * @param {number} own
   */
  #showOwn(before, world, own) {
    const ship = this.#seen.ships.find(({ player }) => player === own);
    const last = ship && before.get(ship.id);
    if (!ship || !last) return;
    if ((ship.health ?? 0) < (last.health ?? 0)) {
      flashHurt();
      this.#scene.shipFlashes.start(ship.id);
      this.camera.shake(0.4);
    }
    const banked = (last.cargo ?? 0) - (ship.cargo ?? 0);
    if (banked > 0) {
      this.#scene.effects.bank(ship.position);
      this.#hud.news.add("bank", `${banked} banked at ${nearest(world.stations, ship.position)?.name ?? "a station"}`);
    }
  }
}
