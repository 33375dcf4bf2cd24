/**
 * The frontier's part of a running game: connects the room with the scene, the HUD, the visibility and the prediction.
 * @module
 */

import { canvasById } from "/kit/ui/elements.js";
import { flashDamage } from "/kit/hud/status.js";
import { OwnShip } from "/kit/prediction/own-ship.js";
import { SHIP_RADIUS } from "/kit/drawing/ships.js";
import { Away } from "/kit/world/away.js";
import { Hud } from "./hud/hud.js";
import { Minimap } from "./hud/minimap.js";
import { FACTION_COLOURS } from "./drawing/palette.js";
import { RULES } from "./game/rules.js";
import { Visibility } from "./game/visibility.js";
import { CREATURE_RADIUS, nearest, piecesOf, worthOf } from "./game/world.js";

/** @typedef {import("/client/drumline.js").Room<import("../frontier.d.ts").Frontier>} Room */
/** @typedef {import("/kit/input/controls.js").Controls} Controls */
/** @typedef {import("./drawing/scene.js").Scene} Scene */
/** @typedef {import("./game/visibility.js").Visible} Visible */
/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("./game/world.js").Creature} Creature */
/** @typedef {import("./game/world.js").Crystal} Crystal */
/** @typedef {import("./game/world.js").Faction} Faction */
/** @typedef {import("./game/world.js").Ship} Ship */
/** @typedef {import("./game/world.js").Shot} Shot */
/** @typedef {import("./game/world.js").World} World */

/** A shot that ends within this distance of a target has hit it: a shot moves about as far in a tick. */
const HIT_UNITS = 60;

export class FrontierView {
  actions = { Space: "mine", KeyE: "mine", KeyM: "mark" };
  #own;
  #away;
  #ownShip;
  #scene;
  #hud = new Hud();
  #minimap = new Minimap(canvasById("minimap"));
  #visibility = new Visibility();
  /** @type {Visible} */
  #visible = { eye: this.#visibility.eye, ships: [], crystals: [], creatures: [], shots: [], markers: [] };
  /** The own faction, or the last one while the ship does not fly. @type {Faction} */
  #faction = "Ember";
  /** Start the effects of what has changed in this frame. @type {((world: World, now: number) => void)[]} */
  #effects = [];

  /**
   * @param {Room} room
   * @param {Scene} scene
   */
  constructor(room, scene) {
    this.#own = room.player;
    this.#away = new Away(room);
    this.#ownShip = new OwnShip(room, RULES, (shot) => this.#endShot({ faction: this.#faction, ...shot }));
    this.#scene = scene;
    scene.clear();
    room.on("event", ({ type, faction, banked }) => this.#hud.feed.add(type, `${faction} has banked ${banked}`));
    this.#track(room);
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
    this.#faction = world.ships.find(({ player }) => player === this.#own)?.faction ?? this.#faction;
    const faction = this.#faction;
    const enemies = world.ships.filter((ship) => ship.faction !== faction);
    const targets = [
      ...enemies.map(({ position }) => ({ position, radius: SHIP_RADIUS })),
      ...world.creatures.map(({ position }) => ({ position, radius: CREATURE_RADIUS })),
    ];
    const shots = this.#ownShip.shots(world.shots, targets, now);
    return { ...world, shots: shots.map((shot) => ({ faction, ...shot })) };
  }

  /**
   * @param {World} world
   * @param {number} now In seconds.
   * @param {boolean} effects
   * @param {number} followed The number of the player whose ship is in the middle.
   */
  update(world, now, effects, followed) {
    this.#visible = this.#visibility.update(world, followed);
    if (this.#visibility.jumped) this.camera.jumpTo(this.#visibility.eye);
    const started = this.#effects.splice(0);
    // After a jump all that is visible is new, and what has disappeared was only left behind.
    if (effects && !this.#visibility.jumped) started.forEach((start) => start(world, now));
  }

  /**
   * @param {World} world
   * @param {number} own The own player number.
   * @param {Controls} controls
   * @param {number} now In seconds.
   * @param {number} elapsed In seconds.
   */
  draw(world, own, controls, now, elapsed) {
    this.#scene.draw(this.#visible, world, own, this.#away, controls, now, elapsed);
  }

  /**
   * @param {World} world
   * @param {Room} room
   * @param {number} now In seconds.
   */
  updateHud(world, room, now) {
    const ship = world.ships.find(({ player }) => player === room.player);
    this.#hud.update(world, ship, room, now);
    this.#minimap.draw(world, this.#visible, ship);
  }

  hide() {
    this.#hud.hide();
  }

  /** @param {Room} room */
  #track(room) {
    room.track("ships", {
      update: (ship, last) => this.#changeShip(ship, last),
      remove: (ship) => this.#endShip(ship),
    });
    room.track("crystals", { remove: (crystal) => this.#endCrystal(crystal) });
    room.track("creatures", { remove: (creature) => this.#endCreature(creature) });
  }

  /**
   * @param {Ship} ship
   * @param {Ship} last As it was in the last frame.
   */
  #changeShip(ship, last) {
    if (ship.player === this.#own) this.#effects.push((world) => this.#showOwnChanges(ship, last, world));
  }

  /** @param {Ship} ship */
  #endShip(ship) {
    this.#ifEnded(ship, (now) => this.#showLostShip(ship, now));
  }

  /** @param {Crystal} crystal */
  #endCrystal(crystal) {
    this.#scene.crystals.forget(crystal.id);
    this.#ifEnded(crystal, () => this.#scene.effects.breakCrystal(crystal));
  }

  /** @param {Creature} creature */
  #endCreature(creature) {
    this.#scene.creatures.forget(creature.id);
    this.#ifEnded(creature, () => this.#scene.effects.burstCreature(creature));
  }

  /** @param {Shot} shot */
  #endShot(shot) {
    this.#scene.shots.forget(shot.id);
    this.#ifEnded(shot, () => this.#showHit(shot));
  }

  /**
   * Starts an effect if an entity that has disappeared has ended, rather than left the view.
   * @param {{ position: Vec }} entity
   * @param {(now: number) => void} start In seconds.
   */
  #ifEnded(entity, start) {
    this.#effects.push((_, now) => {
      if (this.#visibility.hasEnded(entity)) start(now);
    });
  }

  /**
   * Starts the effects of a ship that was destroyed or has left.
   * @param {Ship} ship
   * @param {number} now
   */
  #showLostShip({ player, position, faction, shielded }, now) {
    // Nothing can destroy a shielded ship, so its player has left.
    if (shielded) this.#scene.effects.warp(position, FACTION_COLOURS[faction]);
    else this.#scene.effects.explodeShip(position, FACTION_COLOURS[faction]);
    if (player !== this.#own) return;
    this.camera.shake(1);
    this.#hud.destroyed(now);
  }

  /**
   * Guesses what a shot has hit: the state does not say so, and hides the health of most ships.
   * @param {Shot} shot
   */
  #showHit({ position, faction }) {
    const enemies = this.#visible.ships.filter((ship) => ship.faction !== faction);
    const ship = nearest(enemies, position, HIT_UNITS);
    const creature = nearest(this.#visible.creatures, position, HIT_UNITS);
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
   * Starts effects for the own ship's health and cargo, which only its player receives.
   * @param {Ship} ship
   * @param {Ship} last As it was in the last frame.
   * @param {World} world
   */
  #showOwnChanges(ship, last, world) {
    if ((ship.health ?? 0) < (last.health ?? 0)) {
      flashDamage();
      this.#scene.shipFlashes.start(ship.id);
      this.camera.shake(0.4);
    }
    const [before = [], now = []] = [last.cargo, ship.cargo];
    if (piecesOf(now) < piecesOf(before)) {
      const banked = worthOf(before) - worthOf(now);
      this.#scene.effects.bank(ship.position);
      this.#hud.feed.add("bank", `${banked} banked at ${nearest(world.stations, ship.position)?.name ?? "a station"}`);
    }
  }
}
