/**
 * One room: its players, what can be done with it, and its world as it is, seen by a spectator.
 * @module
 */

/** @typedef {import("/client/room.js").Room} Room */
/** @typedef {import("../data/api.js").Api} Api */
/** @typedef {import("../data/api.js").RoomDetails} RoomDetails */
/** @typedef {import("../data/api.js").PlayerLine} PlayerLine */

import { watch } from "/client/drumline.js";
import { Refused } from "../data/api.js";
import { ask, carryOut } from "../ui/dialog.js";
import { byId, make, write } from "../ui/elements.js";
import { bytes, bytesPerSecond, count, NONE } from "../ui/format.js";
import { Sheet } from "../ui/sortable-table.js";
import { WorldMap } from "./world-map.js";
import { WorldTables } from "./world-tables.js";

const DETAILS_MS = 1000;
const TABLES_MS = 200;
const FACTS_MS = 500;
const RETRY_MS = 2000;
/** The room is no more, or the operator has sent this spectator away: trying again is no use. */
const FINAL_CLOSES = new Set([1001, 4007, 4008, 4009]);

/** @typedef {{ label: string, title: string, read: (room: Room) => string, bad?: (room: Room) => boolean }} Fact */

/** @type {Fact[]} */
const FACTS = [
  { label: "Tick", title: "The newest snapshot’s", read: ({ tick }) => count(tick) },
  {
    label: "Updates",
    title: "Snapshots in the last second",
    read: ({ stats, tickRateHz }) => `${Math.round(stats.updatesPerS)} of ${tickRateHz} /s`,
  },
  { label: "Received", title: "By this spectator", read: ({ stats }) => bytesPerSecond(stats.bytesPerS) },
  {
    label: "Areas",
    title: "Parts of the world; those that the last snapshot had no room for",
    read: ({ stats }) => `${count(stats.areas)}${stats.areasSkipped ? `, ${stats.areasSkipped} waiting` : ""}`,
  },
  {
    label: "Hashes checked",
    title: "The server’s word on what the mirror must be",
    read: ({ stats }) => count(stats.hashesChecked),
  },
  {
    label: "Mismatches",
    title: "Hashes that did not hold",
    read: ({ stats }) => count(stats.mismatches),
    bad: ({ stats }) => stats.mismatches > 0,
  },
  {
    label: "Ping",
    title: "A round trip, answered at a tick",
    read: ({ stats }) => (stats.pingMs > 0 ? `${Math.round(stats.pingMs)} ms` : NONE),
  },
];

export class Inspector {
  #api;
  #id;
  #host = byId("inspector");
  #title = make("h1", {}, "Room ");
  #badges = make("span", { class: "badges" });
  #lock = make("button", { type: "button", disabled: true, click: () => this.#toggleLock() }, "Lock");
  #close = make("button", { type: "button", class: "danger", click: () => this.#closeRoom() }, "Close room…");
  #note = make("p", { class: "note", role: "status" }, "Opening a spectator’s connection…");
  #facts = make("dl", { class: "facts-line card" });
  #map = make("section", { class: "card world", "aria-label": "Map" });
  #players = make("div", { class: "scroll" });
  #tables = make("div");
  #sheet;
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
   * @param {string} id the room's
   */
  constructor(api, id) {
    this.#api = api;
    this.#id = id;
    this.#title.append(make("span", { class: "code" }, id));
    this.#sheet = new Sheet(this.#players, {
      caption: "Players",
      columns: this.#columns(),
      key: ({ player }) => player,
      sort: { column: 0, descending: false },
      empty: "Nobody plays here.",
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

  /** Ends it. */
  stop() {
    this.#over = true;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#room?.leave();
    this.#host.replaceChildren();
  }

  /** @returns {import("../ui/sortable-table.js").Column<PlayerLine>[]} */
  #columns() {
    return [
      { label: "Seat", numeric: true, by: ({ player }) => player },
      { label: "Name", by: ({ name }) => name || NONE },
      {
        label: "Link",
        by: ({ connected }) => (connected ? "up" : "lost"),
        fill: (cell, { connected }) => link(cell, connected),
      },
      {
        label: "Slack",
        numeric: true,
        title: "How many ticks the last input was early; negative if it was late",
        by: (player) => player.slack_ticks ?? -999,
        fill: (cell, player) => write(cell, player.slack_ticks === null ? NONE : String(player.slack_ticks)),
      },
      {
        label: "Late",
        numeric: true,
        title: "Inputs that came after their tick",
        by: ({ late }) => late,
        fill: (cell, { late }) => write(cell, count(late)),
      },
      {
        label: "Dropped",
        numeric: true,
        title: "Inputs dropped for whatever cause",
        by: ({ dropped }) => dropped,
        fill: (cell, { dropped }) => write(cell, count(dropped)),
      },
      { label: "Behind", numeric: true, title: "Ticks given and not acknowledged yet", by: (player) => player.unacked_ticks },
      {
        label: "Budget",
        numeric: true,
        title: "Bytes that a snapshot may have; it shrinks while the player lags",
        by: (player) => player.budget_bytes,
        fill: (cell, player) => write(cell, bytes(player.budget_bytes)),
      },
      { label: "", by: () => "", fixed: true, fill: (cell, player) => this.#kickButton(cell, player) },
    ];
  }

  /**
   * @param {HTMLTableCellElement} cell
   * @param {PlayerLine} player
   */
  #kickButton(cell, { player, name }) {
    if (!cell.firstChild) cell.append(make("button", { type: "button", class: "small danger" }, "Kick"));
    const button = /** @type {HTMLButtonElement} */ (cell.firstChild);
    button.setAttribute("aria-label", `Kick ${name || `player ${player}`}`);
    button.onclick = () => this.#kick(player, name);
  }

  /**
   * @param {number} player
   * @param {string} name
   */
  async #kick(player, name) {
    const who = name ? `${name} (seat ${player})` : `the player of seat ${player}`;
    const question = {
      title: `Kick ${who}?`,
      text: "They lose their seat at once and cannot resume. They may join again as somebody new.",
      yes: "Kick",
      label: "Reason, which they are told",
    };
    const reason = await ask(question);
    if (reason !== undefined) await carryOut(() => this.#api.kick(this.#id, player, reason), `Kicked ${who}.`);
  }

  async #closeRoom() {
    const players = this.#details?.players.length ?? 0;
    const text =
      players > 0
        ? `${players === 1 ? "One player is" : `${players} players are`} sent away, and the game ends.`
        : "Nobody plays in it.";
    if ((await ask({ title: `Close room ${this.#id}?`, text, yes: "Close room" })) === undefined) return;
    await carryOut(() => this.#api.act(this.#id, "close"), `Room ${this.#id} is closed.`);
  }

  async #toggleLock() {
    const action = this.#details?.state === "locked" ? "unlock" : "lock";
    const done = action === "lock" ? "is locked: nobody new gets in." : "is open again.";
    if (await carryOut(() => this.#api.act(this.#id, action), `Room ${this.#id} ${done}`)) await this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    try {
      this.#details = await this.#api.room(this.#id);
      if (!this.#over) this.#describe(this.#details);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.#end("This room is no more.");
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
    this.#sheet.show(players);
  }

  /** Looks on; again and again, if the connection is lost. */
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
    this.#say("");
    room.on("close", ({ code, reason }) => {
      this.#room = undefined;
      if (this.#over) return;
      if (FINAL_CLOSES.has(code)) this.#end(`No longer live: ${reason || "the connection was closed"}.`);
      else this.#retry(reason || "the connection was lost");
    });
  }

  /** @param {string} why */
  #retry(why) {
    if (this.#over) return;
    this.#say(`Not live: ${why}. Trying again…`);
    setTimeout(() => !this.#over && !this.#room && void this.#watch(), RETRY_MS);
  }

  /** The room is no more; what was seen of it last stays. @param {string} why */
  #end(why) {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#say(why);
    this.#lock.disabled = this.#close.disabled = true;
    for (const button of this.#players.querySelectorAll("button")) button.disabled = true;
    this.#room?.leave();
  }

  /** @param {string} text */
  #say(text) {
    this.#note.hidden = text === "";
    write(this.#note, text);
    this.#host.classList.toggle("stale", text !== "");
  }

  /** @param {number} now */
  #draw(now) {
    this.#frame = requestAnimationFrame((later) => this.#draw(later));
    const room = this.#room;
    if (!room || !this.#shown || room.stats.snapshots === 0) return;
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

/**
 * @param {HTMLTableCellElement} cell
 * @param {boolean} connected
 */
function link(cell, connected) {
  const badge = cell.firstElementChild ?? cell.appendChild(make("span", { class: "badge" }));
  badge.setAttribute("data-state", connected ? "open" : "lost");
  write(badge, connected ? "up" : "lost");
}
