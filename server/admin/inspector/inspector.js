/**
 * The page of one room: its players, actions on it, and its world as a spectator receives it.
 *
 * The spectator is an ordinary client that receives all areas and hidden fields. It needs no format of its own, and its mirror
 * is checked against the server's hashes like any player's.
 * @module
 */

/** @typedef {import("/client/room.js").Room} Room */
/** @typedef {import("../data/api.js").Api} Api */
/** @typedef {import("../data/api.js").RoomDetails} RoomDetails */
/** @typedef {import("../data/api.js").PlayerLine} PlayerLine */

import { watch } from "/client/drumline.js";
import { ApiError } from "../data/api.js";
import { askForBan } from "../ui/ban-dialog.js";
import { ask, runAction } from "../ui/dialog.js";
import { byId, make, write } from "../ui/elements.js";
import { SortableTable } from "../ui/sortable-table.js";
import { FACTS } from "./facts.js";
import { playerColumns } from "./player-columns.js";
import { WorldMap } from "./world-map.js";
import { WorldTables } from "./world-tables.js";

const DETAILS_MS = 1000;
const TABLES_MS = 200;
const FACTS_MS = 500;
const RETRY_MS = 2000;
/** Close codes after which reconnecting is useless: the room has closed, or this spectator was kicked. */
const FINAL_CLOSES = new Set([1001, 4007, 4008, 4009]);

export class Inspector {
  #api;
  #id;
  #host = byId("inspector");
  #title = make("h1", {}, "Room ");
  #badges = make("span", { class: "badges" });
  #lock = make("button", { type: "button", disabled: true, click: () => this.#toggleLock() }, "Lock");
  #close = make("button", { type: "button", class: "danger", click: () => this.#closeRoom() }, "Close room…");
  #note = make("p", { class: "note", role: "status" }, "Connecting as a spectator…");
  #facts = make("dl", { class: "facts-line card" });
  #map = make("section", { class: "card world", "aria-label": "Map" });
  #players = make("div", { class: "scroll" });
  #tables = make("div");
  #playerTable;
  /** @type {RoomDetails | undefined} */
  #details;
  /** @type {Room | undefined} */
  #room;
  /** @type {{ map: WorldMap, tables: WorldTables } | undefined} */
  #shown;
  #over = false;
  /** @type {number | undefined} */
  #timer;
  #frame = 0;
  #tablesAt = 0;
  #factsAt = 0;

  /**
   * @param {Api} api
   * @param {string} id the room's id
   */
  constructor(api, id) {
    this.#api = api;
    this.#id = id;
    this.#title.append(make("span", { class: "code" }, id));
    this.#playerTable = new SortableTable(this.#players, {
      caption: "Players",
      columns: playerColumns([
        { label: "Kick", act: (player) => void this.#kick(player) },
        { label: "Ban", act: (player) => void this.#ban(player) },
      ]),
      key: ({ player }) => player,
      sort: { column: 0, descending: false },
      empty: "No players.",
    });
    const actions = make("div", { class: "actions" }, this.#lock, this.#close);
    const head = make(
      "div",
      { class: "bar title" },
      make("a", { href: "#/", class: "back" }, "← All rooms"),
      this.#title,
      this.#badges,
      actions,
    );
    const side = make("section", { class: "card side", "aria-label": "Players" }, make("h2", {}, "Players"), this.#players);
    this.#host.replaceChildren(head, this.#note, this.#facts, make("div", { class: "halves" }, this.#map, side), this.#tables);
    void this.#poll();
    void this.#watch();
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /** Closes the spectator's connection and removes the page. */
  stop() {
    this.#over = true;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#room?.leave();
    this.#host.replaceChildren();
  }

  /** @param {PlayerLine} line */
  async #kick(line) {
    const { player } = line;
    const who = describePlayer(line);
    const question = {
      title: `Kick ${who}?`,
      text: "The player loses the seat at once and cannot resume, but can join again as a new player.",
      yes: "Kick",
      label: "Reason (shown to the player)",
    };
    const reason = await ask(question);
    if (reason !== undefined) await runAction(() => this.#api.kick(this.#id, player, reason), `Kicked ${who}.`);
  }

  /** @param {PlayerLine} player */
  async #ban(player) {
    const ban = await askForBan(player, describePlayer(player));
    if (ban) await runAction(() => this.#api.ban(ban), `Banned ${ban.target}.`);
  }

  async #closeRoom() {
    const players = this.#details?.players.length ?? 0;
    const text =
      players > 0
        ? `${players === 1 ? "One player is" : `${players} players are`} disconnected, and the game ends.`
        : "The room has no players.";
    if ((await ask({ title: `Close room ${this.#id}?`, text, yes: "Close room" })) === undefined) return;
    await runAction(() => this.#api.act(this.#id, "close"), `Room ${this.#id} is closed.`);
  }

  async #toggleLock() {
    const action = this.#details?.state === "locked" ? "unlock" : "lock";
    const done = action === "lock" ? "is locked. New players cannot join." : "is open again.";
    if (await runAction(() => this.#api.act(this.#id, action), `Room ${this.#id} ${done}`)) await this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    try {
      this.#details = await this.#api.room(this.#id);
      if (!this.#over) this.#describe(this.#details);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.#end("This room has closed.");
    }
    if (!this.#over) this.#timer = setTimeout(() => void this.#poll(), DETAILS_MS);
  }

  /** @param {RoomDetails} details */
  #describe({ game, mode, state, players, max_players, private: secret }) {
    const badges = [
      game,
      ...(mode ? [mode] : []),
      ...(secret ? ["private"] : []),
      `${players.length} / ${max_players} players`,
    ];
    if (this.#badges.children.length !== badges.length + 1) {
      this.#badges.replaceChildren(...badges.map(() => make("span", { class: "badge" })), make("span", { class: "badge" }));
    }
    [...badges, state].forEach((text, index) => write(this.#badges.children[index], text));
    this.#badges.lastElementChild?.setAttribute("data-state", state);
    this.#lock.disabled = state !== "open" && state !== "locked";
    write(this.#lock, state === "locked" ? "Unlock" : "Lock");
    this.#playerTable.show(players);
  }

  /** Connects as a spectator, and again whenever the connection is lost. */
  async #watch() {
    try {
      const room = await watch("", await this.#api.watch(this.#id));
      if (this.#over) {
        room.leave();
        return;
      }
      this.#begin(room);
    } catch (error) {
      this.#retry(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Room} room */
  #begin(room) {
    this.#room = room;
    Object.assign(window, { inspector: { room, map: undefined } });
    if (!this.#shown) {
      const tables = new WorldTables(room.schema, (chosen) => this.#shown?.map.follow(chosen));
      const map = new WorldMap(room.schema, (chosen) => tables.mark(chosen));
      this.#shown = { map, tables };
      this.#map.replaceChildren(map.element);
      this.#tables.replaceChildren(tables.element);
      this.#facts.replaceChildren(
        ...FACTS.map(({ label, title }) => make("div", { title }, make("dt", {}, label), make("dd"))),
      );
    }
    Object.assign(window, { inspector: { room, map: this.#shown.map } });
    this.#showNote("");
    room.on("close", ({ code, reason }) => {
      this.#room = undefined;
      if (this.#over) return;
      if (FINAL_CLOSES.has(code)) this.#end(`This page is no longer live: ${reason || "the connection was closed"}.`);
      else this.#retry(reason || "the connection was lost");
    });
  }

  /** @param {string} why */
  #retry(why) {
    if (this.#over) return;
    this.#showNote(`Not live: ${why}. Reconnecting…`);
    setTimeout(() => !this.#over && !this.#room && void this.#watch(), RETRY_MS);
  }

  /** Called when the room has closed. Its last state remains on the page. @param {string} why */
  #end(why) {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#showNote(why);
    this.#lock.disabled = this.#close.disabled = true;
    for (const button of this.#players.querySelectorAll("button")) button.disabled = true;
    this.#room?.leave();
  }

  /** @param {string} text */
  #showNote(text) {
    this.#note.hidden = text === "";
    write(this.#note, text);
    this.#host.classList.toggle("stale", text !== "");
  }

  /** @param {number} now */
  #draw(now) {
    this.#frame = requestAnimationFrame((later) => this.#draw(later));
    const room = this.#room;
    if (!room || !this.#shown) return;
    this.#shown.map.draw(room.view(now).tables);
    if (now - this.#tablesAt >= TABLES_MS) {
      this.#tablesAt = now;
      this.#shown.tables.show(room.tables);
    }
    if (now - this.#factsAt >= FACTS_MS) {
      this.#factsAt = now;
      FACTS.forEach(({ read, bad }, index) => {
        const value = this.#facts.children[index].children[1];
        write(value, read(room));
        value.classList.toggle("bad", bad?.(room) ?? false);
      });
    }
  }
}

/** @param {PlayerLine} player */
function describePlayer({ seat, name }) {
  return name ? `${name} (seat ${seat})` : `the player of seat ${seat}`;
}
