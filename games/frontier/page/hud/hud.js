/**
 * The frontier's HUD: cargo, health, energy, faction standings, leaders, events and connection.
 * @module
 */

import { byId, write } from "/kit/ui/elements.js";
import { EventFeed } from "/kit/hud/event-feed.js";
import { Meter } from "/kit/hud/meter.js";
import { Scoreboard } from "/kit/hud/scoreboard.js";
import { ConnectionStatus, RespawnNote, flashDamage } from "/kit/hud/status.js";
import { FACTION_COLOURS } from "../drawing/palette.js";
import { FACTIONS, HOLD, RESPAWN_SECONDS, piecesOf } from "../game/world.js";
import { stripesOf } from "./stripes.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("../game/world.js").Faction} Faction */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {import("../game/world.js").Standings} Standings */
/** @typedef {import("../game/world.js").World} World */

const LOW_HEALTH = 30;

export class Hud {
  feed = new EventFeed();
  #hud = byId("hud");
  #cargo = new Meter("cargo", HOLD);
  #health = new Meter("health", 100);
  #energy = new Meter("energy", 100);
  #note = new RespawnNote(RESPAWN_SECONDS);
  #connection = new ConnectionStatus();
  #factions = new FactionBars(byId("factions"));
  #scores = new Scoreboard(byId("scores"));
  #pilots = byId("pilots");
  #ownName = byId("own-name");
  #ownFaction = byId("own-faction");

  show() {
    this.#hud.hidden = false;
    this.feed.clear();
  }

  hide() {
    this.#hud.hidden = true;
  }

  /**
   * @param {World} world
   * @param {Ship | undefined} ship The own ship, while it flies.
   * @param {Room} room
   * @param {number} now In seconds.
   */
  update({ standings, leaders }, ship, room, now) {
    this.#factions.update(standings, ship?.faction);
    this.#scores.update(
      [...leaders].sort((a, b) => a.rank - b.rank).map(({ rank, player, faction, name, banked }) => ({
        rank,
        name,
        points: banked,
        colour: FACTION_COLOURS[faction].main,
        own: player === room.player,
        title: `${name} of ${faction}`,
      })),
    );
    write(this.#pilots, standings.pilots === 1 ? "1 pilot" : `${standings.pilots} pilots`);
    this.#showShip(ship);
    this.#note.update(ship !== undefined, now, room.spectator);
    this.#connection.update(room);
  }

  /** @param {number} now In seconds. */
  destroyed(now) {
    flashDamage();
    this.#note.destroyed(now);
  }

  /** @param {Ship | undefined} ship */
  #showShip(ship) {
    const { cargo = [], health = 0, energy = 0 } = ship ?? {};
    const pieces = piecesOf(cargo);
    this.#cargo.show(pieces, pieces === HOLD ? "hold full" : `cargo ${pieces}`);
    this.#cargo.element.style.setProperty("--stacks", stripesOf(cargo));
    this.#cargo.element.classList.toggle("full", pieces === HOLD);
    this.#health.show(Math.ceil(health));
    this.#health.element.classList.toggle("low", health <= LOW_HEALTH);
    this.#health.element.classList.toggle("shielded", ship?.shielded ?? false);
    this.#energy.show(Math.round(energy), `energy ${Math.round(energy)}`);
    if (!ship) return;
    write(this.#ownName, ship.name);
    write(this.#ownFaction, ship.faction);
    this.#ownFaction.style.setProperty("--colour", FACTION_COLOURS[ship.faction].main);
  }
}

/** The amounts banked by the factions, as bars. */
class FactionBars {
  /** @type {Map<Faction, { line: HTMLElement, points: HTMLElement }>} */
  #lines = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    list.replaceChildren();
    for (const faction of FACTIONS) {
      const line = document.createElement("li");
      const [name, points] = [document.createElement("span"), document.createElement("span")];
      name.textContent = faction;
      line.append(name, points);
      line.style.setProperty("--colour", FACTION_COLOURS[faction].main);
      list.append(line);
      this.#lines.set(faction, { line, points });
    }
  }

  /**
   * @param {Standings} standings
   * @param {Faction | undefined} own
   */
  update({ ember, tide, bloom }, own) {
    const totals = { Ember: ember, Tide: tide, Bloom: bloom };
    const most = Math.max(1, ember, tide, bloom);
    for (const [faction, { line, points }] of this.#lines) {
      write(points, String(totals[faction]));
      line.style.setProperty("--share", String(totals[faction] / most));
      line.classList.toggle("own", faction === own);
    }
  }
}
